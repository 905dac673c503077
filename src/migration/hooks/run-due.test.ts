import { describe, expect, it } from 'vitest';
import type { AcceptedHook } from '../../api/hook.ts';
import type { Migration, MigrationStatus } from '../../api/migration.ts';
import type { Phase } from '../../api/phase.ts';
import { decide } from '../decide.ts';
import { plan } from '../decision-fixture.ts';
import { factsWith, now, source, targetWith } from '../move-fixture.ts';
import type { Step } from '../step.ts';
import { execHook, httpHook, moveWith, resultWith } from './hook-fixture.ts';
import type { HookReport, HookReports } from './report.ts';

const reports = (id: string, report: HookReport): HookReports => new Map([[id, report]]);
const failed = (failure: string): HookReport => ({ state: 'ended', failure, output: 'said', ms: 7 });
const well: HookReport = { state: 'ended', output: 'done', ms: 7 };

const steps = (migration: Migration, hooks?: HookReports, seenForMs = 1_000): Step[] =>
  decide(factsWith({ migration, hooks, target: targetWith(), seenForMs }), now);
const told = (migration: Migration, hooks?: HookReports, seenForMs = 1_000): string[] =>
  plan({ migration, hooks, target: targetWith(), seenForMs });
const written = (migration: Migration, hooks?: HookReports) =>
  steps(migration, hooks).flatMap((step) => (step.do === 'writeStatus' ? [step.patch.status] : []))[0];

const begun = (name: AcceptedHook['point'], changes = {}) =>
  resultWith(name, { outcome: 'Running', ms: undefined, ...changes });
const arrived = (hook: AcceptedHook, fields: Partial<MigrationStatus> = {}) => moveWith('Arrived', [hook], fields);
const running = (hook: AcceptedHook) => arrived(hook, { hooks: [begun(hook.point, { from: hook.from })] });
const noFreeze = execHook('preFreeze');

describe('a hook that is due', () => {
  it('is first written down', () => {
    expect(told(arrived(noFreeze))).toEqual(['write status']);
    expect(written(arrived(noFreeze))?.hooks).toEqual([
      { name: 'preFreeze', from: 'Pod', attempt: 1, outcome: 'Running', startTime: new Date(now).toISOString() },
    ]);
  });

  it('then run, and looked after a moment after its timeout', () => {
    expect(told(running(noFreeze))).toEqual(['run preFreeze/Pod/1', 'lookAgain']);
    expect(steps(running(noFreeze))).toMatchObject([{ timeoutMs: 10_000 }, { afterMs: 11_000 }]);
  });

  it('is waited for', () => {
    expect(told(running(noFreeze), reports('preFreeze/Pod/1', { state: 'running' }))).toEqual(['lookAgain']);
  });

  it('that went well leaves what it said, and when it began', () => {
    expect(written(running(noFreeze), reports('preFreeze/Pod/1', well))?.hooks).toEqual([
      { ...resultWith('preFreeze'), outcome: 'Succeeded', ms: 7, output: 'done' },
    ]);
  });

  it('makes room for the next', () => {
    const hooks = [resultWith('preMigration', { from: 'Policy' })];
    expect(
      written(moveWith('Inspecting', [httpHook('preMigration'), execHook('preMigration')], { hooks }))?.hooks,
    ).toMatchObject([
      { from: 'Policy', outcome: 'Succeeded' },
      { from: 'Pod', outcome: 'Running' },
    ]);
  });

  it('that has failed and counts ends the attempt, in the same write', () => {
    const after = reports('preFreeze/Pod/1', failed('it answered 500'));
    expect(told(running(noFreeze), after)).toEqual(['write Retrying HookFailed', 'tell HookFailed']);
    expect(written(running(noFreeze), after)).toMatchObject({
      message: 'the preFreeze hook of the pod failed: it answered 500',
      hooks: [{ outcome: 'Failed', message: 'it answered 500', output: 'said' }],
      attempts: [{ number: 1, reason: 'HookFailed' }],
    });
  });

  it('that has failed and is to be ignored only says so', () => {
    const hook = execHook('preFreeze', { failurePolicy: 'Ignore' });
    expect(told(running(hook), reports('preFreeze/Pod/1', failed('no')))).toEqual(['write status', 'tell HookFailed']);
  });

  it('before everything may veto the move for good', () => {
    const migration = moveWith('Inspecting', [httpHook('preMigration')], {
      hooks: [begun('preMigration', { from: 'Policy' })],
    });
    const after = reports('preMigration/Policy/1', failed('it answered 403'));
    expect(told(migration, after)).toEqual(['write Failed HookVetoed', 'tell HookVetoed']);
    expect(written(migration, after)?.message).toBe(
      'the preMigration hook of MigrationPolicy careful failed: it answered 403',
    );
  });

  it('in a pod that is gone is not run, and that is its failure', () => {
    const migration = moveWith('Failed', [execHook('onRollback')], { hooks: [begun('onRollback')] });
    expect(plan({ migration, source: undefined })).toEqual(['write status', 'tell HookFailed']);
  });
});

describe('a hook after the end of a move', () => {
  it.each<[string, Phase, AcceptedHook['point']]>([
    ['that succeeded', 'Succeeded', 'postMigration'],
    ['that failed', 'Failed', 'onRollback'],
    ['that was cancelled', 'Cancelled', 'onRollback'],
    ['whose target was lost', 'Lost', 'onRollback'],
  ])('%s ends nothing when it fails, and keeps the record only until it has ended', (_name, phase, point) => {
    const timings = { timings: { freezeMs: 1 } };
    const migration = moveWith(phase, [httpHook(point)], { ...timings, hooks: [begun(point, { from: 'Policy' })] });
    expect(told(migration)).toEqual([`run ${point}/Policy/1`, 'lookAgain']);
    expect(told(migration, reports(`${point}/Policy/1`, failed('no')))).toEqual(['write status', 'tell HookFailed']);
    const over = moveWith(phase, [httpHook(point)], {
      hooks: [resultWith(point, { from: 'Policy', outcome: 'Failed' })],
    });
    expect(told(over)).toEqual(['patchMigration']);
  });

  it('waits a moment for the time of the freeze, and no longer', () => {
    const migration = moveWith('Succeeded', [httpHook('postMigration')]);
    expect(steps(migration)).toEqual([{ do: 'lookAgain', afterMs: 4_000 }]);
    expect(told(migration, undefined, 5_000)).toEqual(['write status']);
  });

  it('is not run where the record was given up already', () => {
    const migration = moveWith('Succeeded', [httpHook('postMigration')]);
    expect(plan({ migration: { ...migration, metadata: { ...migration.metadata, finalizers: [] } } })).toEqual([]);
  });
});

describe('while a hook is run', () => {
  const late = new Date(now - 500_000).toISOString();
  const long = { phaseTransitions: [{ phase: 'Arrived' as const, time: late }], hooks: [begun('preFreeze')] };

  it('no phase is too long', () => {
    expect(plan({ migration: arrived(noFreeze, long), target: targetWith() }, now)).toEqual([
      'run preFreeze/Pod/1',
      'lookAgain',
    ]);
  });

  it('the deadline of the whole move holds', () => {
    const migration = { ...arrived(noFreeze, long), spec: { ...arrived(noFreeze).spec, deadlineSeconds: 30 } };
    expect(plan({ migration, target: targetWith() })).toEqual(['write Failed DeadlineExceeded']);
  });

  it('a cancellation holds', () => {
    const migration = { ...arrived(noFreeze, long), spec: { ...arrived(noFreeze).spec, cancel: true } };
    expect(plan({ migration, target: targetWith() })).toEqual(['write Cancelled CancelRequested']);
  });

  it('what becomes of the pods counts more', () => {
    expect(plan({ migration: running(noFreeze), target: undefined })).toEqual(['write Retrying TargetPodGone']);
  });
});

it('the agent has its time from the end of the last hook', () => {
  const migration = arrived(noFreeze, {
    phaseTransitions: [{ phase: 'Arrived', time: new Date(now - 40_000).toISOString() }],
    hooks: [resultWith('preFreeze', { startTime: new Date(now - 39_000).toISOString(), ms: 38_000 })],
  });
  expect(plan({ migration, target: targetWith() })).toEqual(['lookAgain']);
  expect(plan({ migration, target: targetWith() }, now + 30_000)).toEqual(['write Retrying SourceAgentSilent']);
});

it('the hook before the freeze of a pod that keeps its name is run before its object is removed', () => {
  const migration = moveWith('Preparing', [noFreeze], {
    source: { ...source, keepsName: true },
    target: { podName: 'web-1' },
  });
  expect(plan({ migration })).toEqual(['write status']);
});
