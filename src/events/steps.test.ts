import { describe, expect, it } from 'vitest';
import type { MigrationStatus } from '../api/migration.ts';
import type { Phase } from '../api/phase.ts';
import { migrationWith, target } from '../migration/move-fixture.ts';
import { mayBeFrozen, stepsOf, verdictAt } from './steps.ts';

const through = (...phases: Phase[]) =>
  phases.map((phase, index) => ({ phase, time: `2026-01-01T00:09:0${index}.000Z` }));
const after = (phases: Phase[], fields: Partial<MigrationStatus> = {}) =>
  migrationWith({ phase: phases.at(-1)!, phaseTransitions: through(...phases), ...fields });
const shown = (phases: Phase[]) =>
  stepsOf(after(phases)).map(({ number, phase, attempt }) => `${number} ${phase} ${attempt}`);

describe('the steps of a move', () => {
  it.each<[string, Phase[], string[]]>([
    ['that was asked for', [], ['0 Pending 1']],
    ['that waited for room', ['Pending', 'Inspecting'], ['0 Pending 1', '1 Inspecting 1']],
    [
      'that began anew',
      ['Inspecting', 'Retrying', 'Inspecting', 'Failed'],
      ['0 Pending 1', '1 Inspecting 1', '2 Retrying 1', '3 Inspecting 2', '4 Failed 2'],
    ],
    [
      'that went on with the same target',
      ['Arrived', 'Moving', 'Arrived', 'Moving', 'Committed'],
      ['0 Pending 1', '1 Arrived 1', '2 Moving 1', '3 Arrived 2', '4 Moving 2', '5 Committed 2'],
    ],
  ])('%s', (_name, phases, expected) => {
    const migration = phases.length === 0 ? migrationWith() : after(phases);
    expect(stepsOf(migration).map(({ number, phase, attempt }) => `${number} ${phase} ${attempt}`)).toEqual(expected);
  });

  it('keep their numbers when others follow', () => {
    const all: Phase[] = ['Inspecting', 'Preparing', 'Arrived', 'Moving', 'Committed', 'Succeeded'];
    for (let count = 1; count < all.length; count += 1)
      expect(shown(all).slice(0, count + 1)).toEqual(shown(all.slice(0, count)));
  });

  it('say why an attempt was taken back, also when the next is under way', () => {
    const attempts = [{ number: 1, phase: 'Moving' as const, endTime: '', reason: 'DumpFailed', message: 'no' }];
    const migration = after(['Moving', 'Retrying', 'Inspecting'], { attempts, reason: 'Accepted', message: 'again' });
    expect(stepsOf(migration).map((step) => verdictAt(migration, step).reason)).toEqual([
      undefined,
      undefined,
      'DumpFailed',
      'Accepted',
    ]);
  });
});

describe('a pod', () => {
  it.each<[string, Phase, Partial<MigrationStatus>, boolean]>([
    ['whose target waits is not frozen', 'Arrived', {}, false],
    ['that the agents have may be frozen', 'Moving', {}, true],
    ['that is committed and not released is held', 'Committed', { target }, true],
    ['that was released runs', 'Committed', { target: { ...target, releaseTime: 'x' } }, false],
    ['that was moved runs', 'Succeeded', {}, false],
  ])('%s', (_name, phase, fields, expected) => {
    expect(mayBeFrozen(migrationWith({ phase, ...fields }))).toBe(expected);
  });
});
