import type { MigrationStatus } from '../api/migration.ts';
import type { Phase } from '../api/phase.ts';
import type { Facts } from './facts.ts';
import { decide } from './decide.ts';
import type { Step } from './step.ts';
import {
  factsWith,
  leaseWith,
  migrationWith,
  movable,
  now,
  source,
  target,
  targetName,
  targetUID,
  targetWith,
} from './move-fixture.ts';

/*
 * For tests: a decision as its reader wants to see it, and the records that decisions are about.
 */

type Words = { readonly [K in Step['do']]?: (step: Extract<Step, { do: K }>) => string };

const words: Words = {
  writeStatus: ({ patch: { status } }) => `write ${status.phase ?? 'status'} ${status.reason ?? ''}`.trim(),
  tell: ({ reason }) => `tell ${reason}`,
  deletePod: ({ pod }) => `delete ${pod.name}`,
  patchPod: ({ name }) => `patch ${name}`,
  notePod: ({ pod }) => `note on ${pod.name}`,
  createTarget: ({ pod }) => `create ${pod.metadata.name}`,
  rehearseTarget: ({ pod }) => `rehearse ${pod.metadata.name}`,
  createAnew: ({ pod }) => `create ${pod.metadata.name} anew`,
  runHook: ({ id }) => `run ${id}`,
};

/** Steps as a reader wants to see them. */
const told = (step: Step): string => (words[step.do] as ((step: Step) => string) | undefined)?.(step) ?? step.do;

export const plan = (changes: Partial<Facts>, at = now): string[] => decide(factsWith(changes), at).map(told);
export const message = (changes: Partial<Facts>, at = now): string | undefined =>
  decide(factsWith(changes), at).flatMap((step) => (step.do === 'writeStatus' ? [step.patch.status.message] : []))[0];

export const since = (phase: Phase, time: number) => [{ phase, time: new Date(time).toISOString() }];
/** In this phase for a second. */
export const inPhase = (phase: Phase, fields: Partial<MigrationStatus> = {}) =>
  migrationWith({ phase, source, phaseTransitions: since(phase, now - 1_000), ...fields });

export const asked = inPhase('Inspecting');
export const inspecting = inPhase('Inspecting', { conditions: [movable] });
export const preparing = inPhase('Preparing', { target: { podName: targetName } });
export const prepared = inPhase('Preparing', { target });
export const arrived = inPhase('Arrived', { target });
export const moving = inPhase('Moving', { target });
export const committed = inPhase('Committed', { target });
export const released = migrationWith({
  ...committed.status,
  target: { ...target, releaseTime: new Date(now - 500).toISOString() },
});
export const failed = migrationWith({ phase: 'Failed', reason: 'DumpFailed', message: 'CRIU said no', source, target });
export const lease = leaseWith({ nodeName: 'n2', podName: targetName, podUID: targetUID });
export const unready = { conditions: [] };
export const retrying = migrationWith({
  phase: 'Retrying',
  source,
  target,
  attempt: 2,
  terms: { retries: 3, maxFreezeSeconds: 10 },
  conditions: [movable],
  notBefore: new Date(now + 1_000).toISOString(),
});

export const containerIs = (changes: object) => ({
  containerStatuses: [
    { name: 'web', image: '', imageID: '', containerID: 'docker://c2', ready: true, restartCount: 0, ...changes },
  ],
});
/** A target whose container does not run, and what the kubelet says of it. */
export const waitingFor = (reason: string, message: string) =>
  targetWith({
    status: containerIs({ containerID: undefined, ready: false, state: { waiting: { reason, message } } }),
  });
export const unscheduled = targetWith({
  spec: { nodeName: undefined },
  status: { conditions: [{ type: 'PodScheduled', status: 'False', message: '0/4 nodes are available' }] },
});
