import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AcceptedHook, hookPoints } from '../../api/hook.ts';
import { type Migration, type MigrationStatus, phaseOf } from '../../api/migration.ts';
import { phases } from '../../api/phase.ts';
import { decide } from '../decide.ts';
import { factsWith, now, targetWith } from '../move-fixture.ts';
import type { Step } from '../step.ts';
import { dueHooks, hooksAreDone, resultOf } from './due.ts';
import { execHook, httpHook, moveWith } from './hook-fixture.ts';
import { hookID, type HookReport } from './report.ts';

const anyHook: fc.Arbitrary<AcceptedHook> = fc
  .record({
    point: fc.constantFrom(...hookPoints),
    isPods: fc.boolean(),
    failurePolicy: fc.constantFrom('Fail' as const, 'Ignore' as const),
  })
  .map(({ point, isPods, failurePolicy }) => (isPods ? execHook : httpHook)(point, { failurePolicy }));

/** As they are accepted: one at each point from each place, those of the policy first. */
const anyHooks = fc
  .uniqueArray(anyHook, { selector: ({ point, from }) => `${point}/${from}`, maxLength: 8 })
  .map((hooks) => hooks.sort((a, b) => (a.from === b.from ? 0 : a.from === 'Policy' ? -1 : 1)));

const anyReport: fc.Arbitrary<HookReport> = fc.oneof(
  fc.constant<HookReport>({ state: 'ended', output: 'done', ms: 5 }),
  fc.constant<HookReport>({ state: 'ended', failure: 'no', output: '', ms: 5 }),
);

/** The record after a decision's writes. */
const after = (migration: Migration, steps: readonly Step[]): Migration => {
  const status = steps.reduce<object>(
    (merged, step) => (step.do === 'writeStatus' ? { ...merged, ...step.patch.status } : merged),
    migration.status ?? {},
  );
  return { ...migration, status: status as MigrationStatus };
};

interface Life {
  readonly migration: Migration;
  readonly run: readonly string[];
}

/** Decides again and again as one controller does, with one that follows it after some rounds, until nothing is to be done in this phase. */
const live = (first: Migration, endings: readonly HookReport[], changeAt: number): Life => {
  const known = new Map<string, HookReport>();
  const run: string[] = [];
  const left = [...endings];
  let migration = first;
  for (let rounds = 0; rounds < 60; rounds += 1) {
    if (phaseOf(migration) !== phaseOf(first) || hooksAreDone(migration)) return { migration, run };
    if (rounds === changeAt) known.clear();
    const steps = decide(factsWith({ migration, target: targetWith(), hooks: known, seenForMs: 60_000 }), now);
    for (const step of steps)
      if (step.do === 'runHook') {
        run.push(step.id);
        known.set(step.id, left.shift() ?? { state: 'ended', output: '', ms: 1 });
      }
    migration = after(migration, steps);
  }
  throw new Error('it goes on for ever');
};

const anyLife = fc.record({
  phase: fc.constantFrom('Inspecting' as const, 'Arrived' as const, 'Succeeded' as const, 'Cancelled' as const),
  hooks: anyHooks,
  endings: fc.array(anyReport, { maxLength: 8 }),
  changeAt: fc.integer({ min: 0, max: 20 }),
});

describe('whatever hooks come to', () => {
  it('each one that is due is run in its turn, and once more at most when the controller changes', () => {
    fc.assert(
      fc.property(anyLife, ({ phase, hooks, endings, changeAt }) => {
        const first = moveWith(phase, hooks);
        const due = dueHooks(first).map(hookID);
        const { migration, run } = live(first, endings, changeAt);
        const inTurn = run.filter((id, index) => id !== run[index - 1]);
        expect(inTurn).toEqual(due.slice(0, inTurn.length));
        expect(run.length - inTurn.length).toBeLessThanOrEqual(1);
        if (phaseOf(migration) === phase) expect(inTurn).toEqual(due);
      }),
    );
  });

  it('only a failure that counts, before the commit, ends an attempt', () => {
    fc.assert(
      fc.property(anyLife, ({ phase, hooks, endings, changeAt }) => {
        const { migration } = live(moveWith(phase, hooks), endings, changeAt);
        const counted = (migration.status?.hooks ?? []).some(
          ({ name, from, outcome }) =>
            outcome === 'Failed' &&
            name.startsWith('pre') &&
            hooks.some((hook) => hook.point === name && hook.from === from && hook.failurePolicy === 'Fail'),
        );
        expect(phaseOf(migration) !== phase).toBe(counted);
      }),
    );
  });

  it('none is run, and nothing is written of any, while the agents move or the target is not released', () => {
    fc.assert(
      fc.property(anyHooks, fc.constantFrom('Moving' as const, 'Committed' as const), (hooks, phase) => {
        const steps = decide(factsWith({ migration: moveWith(phase, hooks), target: targetWith() }), now);
        expect(steps.filter(({ do: what }) => what === 'runHook')).toEqual([]);
        for (const step of steps) if (step.do === 'writeStatus') expect(step.patch.status).not.toHaveProperty('hooks');
      }),
    );
  });

  it('one is run only after the record says that it is being run', () => {
    fc.assert(
      fc.property(anyHooks, fc.constantFrom(...phases), (hooks, phase) => {
        const migration = moveWith(phase, hooks);
        const steps = decide(factsWith({ migration, target: targetWith(), seenForMs: 60_000 }), now);
        for (const step of steps) {
          if (step.do !== 'runHook') continue;
          const due = dueHooks(migration).find((candidate) => hookID(candidate) === step.id);
          expect(due && resultOf(migration, due)?.outcome).toBe('Running');
        }
      }),
    );
  });
});
