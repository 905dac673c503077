import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { phaseOf } from '../../api/migration.ts';
import type { Phase } from '../../api/phase.ts';
import type { Reason } from '../../api/reasons.ts';
import type { Event } from './events.ts';
import { broken, disastrous, kinds, live, ordinary } from './histories.ts';
import { latest } from './world.ts';

describe('whatever happens, and whoever is killed between any two steps,', () => {
  it.each<[string, fc.Arbitrary<Event[]>, number, (Phase | Reason)[]]>([
    ['nothing runs twice, and in the end one of the two runs and nothing is left lying about', ordinary, 1_500, []],
    ['the same holds when a pod or a node ends for good', disastrous, 800, ['Lost', 'TargetNodeDecommissioned']],
  ])('%s', (_promise, histories, numRuns, more) => {
    const reached = new Set<string>();
    let attempts = 0;
    fc.assert(
      fc.property(histories, kinds, (events, kind) => {
        const world = live(events, kind);
        expect(broken(world)).toEqual([]);
        for (const state of world.record.states) reached.add(phaseOf(state));
        for (const { reason } of latest(world).status?.attempts ?? []) reached.add(reason);
        attempts = Math.max(attempts, latest(world).status?.attempt ?? 1);
      }),
      { numRuns },
    );
    // The model is worth something only if moves do get through it, do fail in it, and do begin again.
    expect([...reached]).toEqual(
      expect.arrayContaining(['Cancelled', 'Committed', 'Failed', 'Moving', 'Retrying', 'Succeeded', ...more]),
    );
    expect(attempts).toBeGreaterThan(2);
  });

  it.each([false, true])(
    'a move in which nothing goes wrong succeeds in its first attempt (keeps its name: %s)',
    (keepsName) => {
      const record = latest(live([], { retries: 0, keepsName }));
      expect(record.status).toMatchObject({ phase: 'Succeeded', attempt: 1 });
    },
  );
});
