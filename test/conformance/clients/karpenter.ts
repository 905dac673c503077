import { openApi } from '../../cluster/api-as.ts';
import { readyPod } from '../../cluster/redis.ts';
import type { Case, Client } from '../case.ts';
import { ofAll } from '../claims.ts';
import { movedClaims, redisOn, startedAnewClaims } from '../subject.ts';
import { isEvacuation, type Patience, persist, post, type RawEviction, taint } from './eviction.ts';

/*
 * Its queue of evictions (kubernetes-sigs/karpenter,
 * pkg/controllers/node/termination/terminator/eviction.go): it names the UID of
 * the pod, takes 404 and 409 for "done", and asks again after 100 ms, 200 ms and
 * so on, 10 s at most.
 */

const evictionOf = (uid: string): RawEviction => ({
  apiVersion: 'policy/v1',
  deleteOptions: { preconditions: { uid } },
});

const patience: Patience = {
  endsAt: [200, 201, 404, 409],
  pauseMs: (asked) => Math.min(100 * 2 ** (asked - 1), 10_000),
  budgetMs: 60_000,
};

const disrupted = 'karpenter.sh/disrupted';

const optedIn: Case = {
  does: 'posts Evictions with the UID of the pod, 100 ms, 200 ms, … after each 429',
  outcome:
    'gets 429 while the pod is moved, then 404; the UID evicts no other: for the pod that runs now it gets 404, too',
  inShort: true,
  async attempt(scene) {
    const subject = await redisOn(scene);
    await using api = await openApi();
    await taint(scene, disrupted);
    const { metadata } = subject.pod;
    const { answers } = await persist(() => post(api, metadata, evictionOf(metadata.uid), scene), patience);
    const moved = await movedClaims(scene, subject);
    const now = await readyPod({ namespace: scene.namespace, name: subject.app }, scene.to);
    const stale = await post(api, now.metadata, evictionOf(metadata.uid), scene);
    return {
      'every answer but the last is 429, and says that the pod is moved':
        answers.length > 1 && answers.slice(0, -1).every(isEvacuation),
      'the last answer is 404': answers.at(-1)?.code === 404,
      'the UID of before is answered with 404': stale.code === 404,
      ...ofAll(moved, await movedClaims(scene, subject)),
    };
  },
};

const notOptedIn: Case = {
  does: 'posts an Eviction with the UID of a pod that did not opt in',
  outcome: 'gets 201 at once, as on any cluster',
  async attempt(scene) {
    const subject = await redisOn(scene, { optIn: false });
    await using api = await openApi();
    await taint(scene, disrupted);
    const { metadata } = subject.pod;
    const { answers } = await persist(() => post(api, metadata, evictionOf(metadata.uid), scene), patience);
    return {
      'the first answer is 201': answers[0]?.code === 201,
      ...(await startedAnewClaims(scene, subject)),
    };
  },
};

export const karpenter: Client = {
  name: 'Karpenter',
  note: 'Its requests, and its times between them, as its source has them; the program itself does not run.',
  version: () => Promise.resolve('of commit 2266468'),
  cases: [optedIn, notOptedIn],
};
