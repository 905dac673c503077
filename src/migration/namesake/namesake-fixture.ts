import type { MigrationStatus } from '../../api/migration.ts';
import type { Phase } from '../../api/phase.ts';
import type { Pod } from '../../api/pod.ts';
import type { StatefulSet } from '../../api/stateful-set.ts';
import { since } from '../decision-fixture.ts';
import { migrationWith, movable, now, podWith, source, targetUID, targetWith } from '../move-fixture.ts';
import { removalOf } from './removal.ts';

/** For tests: `web-1` as a bare pod and as a pod of the StatefulSet `web`, and moves of it under its own name. */
const setReference = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'set', controller: true };

const ours = { runtimeClassName: 'transship' };
const optIn = { 'transship.dev/migrate': 'true' };

export const bare = podWith({ metadata: { ownerReferences: undefined, labels: { app: 'web' } }, spec: ours });
/** As `bare`, but it opted in when it ran already. */
export const unwrapped = podWith({ metadata: { ownerReferences: undefined, labels: { app: 'web' } } });
export const ofSet = podWith({
  metadata: { ownerReferences: [setReference], labels: { app: 'web', 'controller-revision-hash': 'r1' } },
  spec: ours,
});

export const setWith = (
  changes: Partial<StatefulSet['spec']> = {},
  status: StatefulSet['status'] = {},
): StatefulSet => ({
  metadata: { name: 'web', namespace: 'default', uid: 'set', resourceVersion: '1' },
  spec: { replicas: 2, template: { metadata: { annotations: optIn } }, ...changes },
  status: { currentRevision: 'r1', updateRevision: 'r1', ...status },
});

const keeping = { ...source, keepsName: true, signalsHeld: true, containers: [{ name: 'web', id: 'c1' }] };
const named = { podName: 'web-1' };

/** In this phase for a second; nothing has been removed. */
export const keepingName = (phase: Phase, fields: Partial<MigrationStatus> = {}) =>
  migrationWith({
    ...{ phase, source: keeping, conditions: [movable], phaseTransitions: since(phase, now - 1_000) },
    ...(['Pending', 'Inspecting'].includes(phase) ? {} : { target: named }),
    terms: { retries: 3, maxFreezeSeconds: 10 },
    ...fields,
  });

/** The object of the source was removed, this long ago. */
export const removedFor = (ms: number, pod: Pod, phase: Phase, fields: Partial<MigrationStatus> = {}) =>
  keepingName(phase, { removal: removalOf(pod, now - ms), ...fields });

/** The pod that has taken the name. */
export const namesake = targetWith({
  metadata: {
    name: 'web-1',
    annotations: { ...optIn, 'transship.dev/migration': 'move', 'transship.dev/adoption': '{}' },
  },
});
export const namesakeOfSet = targetWith({
  metadata: {
    ...namesake.metadata,
    ownerReferences: [setReference],
    labels: { ...ofSet.metadata.labels, 'transship.dev/target': 'move' },
  },
});
export const chosen = { podName: 'web-1', podUID: targetUID, nodeName: 'n2' };
