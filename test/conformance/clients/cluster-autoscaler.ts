import { openApi } from '../../cluster/api-as.ts';
import type { Case, Client } from '../case.ts';
import { movedClaims, redisOn } from '../subject.ts';
import { isEvacuation, type Patience, persist, post, type RawEviction, taint } from './eviction.ts';

/*
 * Its drain (kubernetes/autoscaler,
 * cluster-autoscaler/core/scaledown/actuation/drain.go): it still posts
 * policy/v1beta1, every 10 s until it gets 404 or success, and gives a node up
 * after --max-pod-eviction-time, which is two minutes.
 */

const budgetMs = 120_000;

const patience: Patience = { endsAt: [200, 201, 404], pauseMs: () => 10_000, budgetMs };

/** The grace period that the pod has itself. */
const eviction: RawEviction = { apiVersion: 'policy/v1beta1', deleteOptions: { gracePeriodSeconds: 1 } };

const optedIn: Case = {
  does: 'posts Evictions of policy/v1beta1, every 10 s, for two minutes at most',
  outcome: 'gets 429 while the pod is moved, then 404, long before it would give the node up',
  inShort: true,
  async attempt(scene) {
    const subject = await redisOn(scene);
    await using api = await openApi();
    await taint(scene, 'ToBeDeletedByClusterAutoscaler', String(Math.floor(Date.now() / 1000)));
    const { answers, tookMs } = await persist(() => post(api, subject.pod.metadata, eviction, scene), patience);
    return {
      'every answer but the last is 429, and says that the pod is moved':
        answers.length > 1 && answers.slice(0, -1).every(isEvacuation),
      'the last answer is 404': answers.at(-1)?.code === 404,
      'it is within its two minutes': tookMs < budgetMs,
      ...(await movedClaims(scene, subject)),
    };
  },
};

export const clusterAutoscaler: Client = {
  name: 'cluster autoscaler',
  note: 'Its requests, and its times between them, as its source has them; the program itself does not run.',
  version: () => Promise.resolve('of commit 1d0777f'),
  cases: [optedIn],
};
