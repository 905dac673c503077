import { descheduler, deschedulerVersion } from '../../../../lab/build/descheduler.ts';
import { artefactFolder } from '../../../../lab/cache/artefact.ts';
import { kubectl } from '../../../cluster/kubectl.ts';
import type { Case, Client } from '../../case.ts';
import { movedClaims, redisOn } from '../../subject.ts';
import { taint } from '../eviction.ts';
import { startDescheduler } from './program.ts';

/*
 * Its evictions in the background (kubernetes-sigs/descheduler#1397,
 * pkg/descheduler/evictions/evictions.go): of a pod with an annotation it takes
 * a 429 with the words "Eviction triggered evacuation" for "accepted", asks no
 * second time, and counts the pod as evicted when it is gone.
 */

const away = 'conformance.transship.dev/away';
const mayBeRequested = 'descheduler.alpha.kubernetes.io/request-evict-only';

/** As its log names an object. */
const podIn = (namespace: string, name: string): string => `pod="${namespace}/${name}"`;

const linesWith = (log: string, ...texts: readonly string[]): number =>
  log.split('\n').filter((line) => texts.every((text) => line.includes(text))).length;

const inBackground: Case = {
  does: 'evicts from a tainted node, with the feature gate `EvictionsInBackground` and its annotation on the pod',
  outcome: 'takes the 429 for a promise, asks no second time, and counts the pod as evicted when it has moved',
  async attempt(scene) {
    const { namespace } = scene;
    const subject = await redisOn(scene);
    const { name } = subject.pod.metadata;
    await kubectl('annotate', 'pod', name, '-n', namespace, `${mayBeRequested}=true`);
    await taint(scene, away);
    const running = await startDescheduler(scene, { taint: away, featureGates: 'EvictionsInBackground=true' });
    const moved = await movedClaims(scene, subject);
    const log = await running.untilItLogs('Pod with eviction in background deleted/evicted');
    await running.stop();
    const pod = podIn(namespace, name);
    return {
      'it assumes the eviction, once': linesWith(log, 'Eviction in background assumed', pod) === 1,
      'it counts a request and no eviction': linesWith(log, 'totalEvicted=0 evictionRequests=1') > 0,
      'it asks no second time while the pod is moved':
        linesWith(log, 'Eviction in background already requested (ignoring)', pod) > 0,
      'it counts no failure': linesWith(running.log(), 'Error evicting pod') === 0,
      'it sees the pod evicted in the end':
        linesWith(log, 'Pod with eviction in background deleted/evicted', pod) === 1,
      ...moved,
    };
  },
};

const inForeground: Case = {
  does: 'evicts from a tainted node, without that feature gate',
  outcome: 'logs each 429 as an error and tries again in its next round; the pod is moved all the same',
  async attempt(scene) {
    const subject = await redisOn(scene);
    await taint(scene, away);
    const running = await startDescheduler(scene, { taint: away, featureGates: 'EvictionsInBackground=false' });
    const moved = await movedClaims(scene, subject);
    await running.stop();
    const log = running.log();
    const pod = podIn(scene.namespace, subject.pod.metadata.name);
    return {
      'it logs the sentence of the 429': linesWith(log, 'Error evicting pod', 'Eviction triggered evacuation', pod) > 0,
      'it evicts nothing itself': linesWith(log, '"Evicted pod"') === 0,
      ...moved,
    };
  },
};

export const deschedulerClient: Client = {
  name: 'descheduler',
  note: 'The program itself, built from its Go module, with the plugin `RemovePodsViolatingNodeTaints`.',
  version: () => Promise.resolve(deschedulerVersion()),
  prepare: () => artefactFolder(descheduler),
  cases: [inBackground, inForeground],
};
