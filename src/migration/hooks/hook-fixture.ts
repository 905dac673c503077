import type { AcceptedHook, HookPoint, HookResult } from '../../api/hook.ts';
import type { Migration, MigrationStatus } from '../../api/migration.ts';
import type { Phase } from '../../api/phase.ts';
import { since } from '../decision-fixture.ts';
import { migrationWith, movable, now, source, target } from '../move-fixture.ts';

/*
 * For tests: hooks, what became of them, and moves that have them.
 */

export const execHook = (point: HookPoint, changes: Partial<AcceptedHook> = {}): AcceptedHook => ({
  point,
  from: 'Pod',
  exec: { container: 'web', command: [`/${point}`] },
  timeoutSeconds: 10,
  failurePolicy: 'Fail',
  ...changes,
});

export const httpHook = (point: HookPoint, changes: Partial<AcceptedHook> = {}): AcceptedHook => ({
  point,
  from: 'Policy',
  http: { url: `http://hooks.example/${point}` },
  timeoutSeconds: 10,
  failurePolicy: 'Fail',
  ...changes,
});

export const resultWith = (name: HookPoint, changes: Partial<HookResult> = {}): HookResult => ({
  name,
  from: 'Pod',
  attempt: 1,
  outcome: 'Succeeded',
  startTime: new Date(now - 2_000).toISOString(),
  ms: 500,
  ...changes,
});

const finished = { type: 'Finished', status: 'True', reason: '', message: '', lastTransitionTime: '' } as const;

/** In this phase for a second, or over with it. */
export const moveWith = (
  phase: Phase,
  hooks: AcceptedHook[],
  fields: Partial<MigrationStatus> = {},
  isOver = ['Succeeded', 'Lost', 'Failed', 'Cancelled'].includes(phase),
): Migration =>
  migrationWith({
    phase,
    source,
    target,
    terms: { retries: 3, maxFreezeSeconds: 10, policy: 'careful', hooks },
    conditions: [movable, ...(isOver ? [finished] : [])],
    phaseTransitions: since(phase, now - 1_000),
    ...fields,
  });
