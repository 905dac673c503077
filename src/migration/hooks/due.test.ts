import { describe, expect, it } from 'vitest';
import type { HookResult } from '../../api/hook.ts';
import type { Attempt, Migration, MigrationStatus } from '../../api/migration.ts';
import type { Phase } from '../../api/phase.ts';
import { now, source } from '../move-fixture.ts';
import { dueHooks, hooksAreDone, lastHookEnd } from './due.ts';
import { execHook, httpHook, moveWith, resultWith } from './hook-fixture.ts';
import { hookID } from './report.ts';

const all = [
  httpHook('preMigration'),
  execHook('preMigration'),
  execHook('preFreeze'),
  httpHook('postMigration'),
  execHook('onRollback'),
];

const due = (migration: Migration): string[] => dueHooks(migration).map(hookID);
const taken = (number: number): Attempt => ({
  number,
  phase: 'Moving',
  endTime: '',
  reason: 'DumpFailed',
  message: '',
});
const namesake = { source: { ...source, keepsName: true } };
const removed = { ...namesake, removal: { time: '', pod: '{}' } };
const through = (...phases: Phase[]) => phases.map((phase) => ({ phase, time: '' }));

describe('of a move', () => {
  it.each<[string, Phase, Partial<MigrationStatus>, string[]]>([
    ['that waits, none is due', 'Pending', {}, []],
    ['whose source is not looked at yet, none', 'Inspecting', { conditions: [] }, []],
    [
      "that can begin, the policy's and then the pod's",
      'Inspecting',
      {},
      ['preMigration/Policy/1', 'preMigration/Pod/1'],
    ],
    [
      'of which the first has ended, the second',
      'Inspecting',
      { hooks: [resultWith('preMigration', { from: 'Policy' })] },
      ['preMigration/Pod/1'],
    ],
    [
      'of which one was begun and nobody said that it has ended, that one again',
      'Inspecting',
      {
        hooks: [
          resultWith('preMigration', { from: 'Policy', outcome: 'Failed' }),
          resultWith('preMigration', { outcome: 'Running' }),
        ],
      },
      ['preMigration/Pod/1'],
    ],
    [
      'that begins its second attempt, not once more those for all of it',
      'Inspecting',
      { attempt: 2, hooks: [resultWith('preMigration', { from: 'Policy' }), resultWith('preMigration')] },
      [],
    ],
    ['whose target is on its way, none', 'Preparing', {}, []],
    ['whose target has arrived, that before the freeze', 'Arrived', {}, ['preFreeze/Pod/1']],
    [
      'that resumes with the same target, first that after the last attempt',
      'Arrived',
      { attempt: 2, attempts: [taken(1)], hooks: [resultWith('preFreeze')] },
      ['onRollback/Pod/1', 'preFreeze/Pod/2'],
    ],
    ['that the agents have, none', 'Moving', { attempts: [taken(1)], attempt: 2 }, []],
    ['that is committed, none', 'Committed', {}, []],
    ['that has succeeded, that after it', 'Succeeded', {}, ['postMigration/Policy/1']],
    [
      'that is to be tried again, that after the attempt',
      'Retrying',
      { attempt: 2, attempts: [taken(1)] },
      ['onRollback/Pod/1'],
    ],
    [
      'that has failed in its last attempt, that after it',
      'Failed',
      { attempt: 2, attempts: [taken(1), taken(2)], phaseTransitions: through('Moving', 'Failed') },
      ['onRollback/Pod/2'],
    ],
    [
      'that was cancelled in its first attempt, that after it',
      'Cancelled',
      { phaseTransitions: through('Arrived', 'Cancelled') },
      ['onRollback/Pod/1'],
    ],
    [
      'that was cancelled between two attempts, not a second time',
      'Cancelled',
      {
        ...{ attempt: 2, attempts: [taken(1)], phaseTransitions: through('Retrying', 'Cancelled') },
        hooks: [resultWith('onRollback')],
      },
      [],
    ],
    ['whose target was lost, that after a move without success', 'Lost', {}, ['onRollback/Pod/1']],
    [
      'whose target has the name of its source, that before the freeze as long as the source has its object',
      'Preparing',
      namesake,
      ['preFreeze/Pod/1'],
    ],
    ['whose source has lost its object, none', 'Preparing', removed, []],
    ['whose source has lost its object, none either when the target has arrived', 'Arrived', removed, []],
    [
      'whose source has lost its object, none between two attempts',
      'Retrying',
      { ...removed, attempts: [taken(1)] },
      [],
    ],
  ])('%s', (_name, phase, fields, expected) => {
    expect(due(moveWith(phase, all, fields))).toEqual(expected);
  });

  it.each<Phase>(['Failed', 'Cancelled', 'Lost'])('that is %s, none before what it has made is cleaned up', (phase) => {
    expect(due(moveWith(phase, all, {}, false))).toEqual([]);
  });
});

describe('the agent of the source', () => {
  it.each<[string, HookResult[], boolean]>([
    ['waits for a hook that nobody has begun', [], false],
    ['waits for one that is being run', [resultWith('preFreeze', { outcome: 'Running' })], false],
    ['waits for that of this attempt', [resultWith('preFreeze', { attempt: 2 })], false],
    ['begins when it has ended', [resultWith('preFreeze')], true],
  ])('%s', (_name, hooks, begins) => {
    expect(hooksAreDone(moveWith('Arrived', [execHook('preFreeze')], { hooks }))).toBe(begins);
  });

  it('begins at once where there is no such hook', () => {
    expect(hooksAreDone(moveWith('Arrived', [execHook('preMigration')]))).toBe(true);
  });
});

it('the time since a hook has ended counts from its own end', () => {
  const hooks = [resultWith('preMigration'), resultWith('preFreeze', { outcome: 'Running', ms: undefined })];
  expect(lastHookEnd(moveWith('Arrived', all, { hooks }))).toBe(now - 1_500);
  expect(lastHookEnd(moveWith('Arrived', all))).toBe(0);
});
