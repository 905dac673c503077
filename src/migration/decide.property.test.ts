import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Migration, phaseOf } from '../api/migration.ts';
import { isCommitted, mayFollow, type Phase, phases } from '../api/phase.ts';
import { decide } from './decide.ts';
import type { Facts } from './facts.ts';
import {
  agentOf,
  factsWith,
  leaseWith,
  migrationWith,
  movable,
  now,
  podWith,
  source,
  sourceUID,
  target,
  targetUID,
  targetWith,
} from './move-fixture.ts';
import { isOver, phaseChange } from './status.ts';
import type { Step } from './step.ts';

const maybe = <T>(value: T): fc.Arbitrary<T | undefined> => fc.constantFrom(value, undefined);

const anySource = fc.constantFrom(
  undefined,
  podWith(),
  podWith({ metadata: { uid: 'new' } }),
  podWith({ metadata: { deletionTimestamp: 'x' } }),
  podWith({ spec: { hostNetwork: true } }),
);
const anyTarget = fc.constantFrom(
  undefined,
  targetWith(),
  targetWith({ spec: { nodeName: undefined } }),
  targetWith({ metadata: { uid: 'new' } }),
  targetWith({ metadata: { labels: {} } }),
  targetWith({ status: { phase: 'Failed' } }),
  targetWith({ status: { conditions: [] } }),
  podWith({ metadata: { name: 'web-1-m3fa9c2', uid: 'strange' } }),
);

const anyMigration = fc
  .record({
    phase: fc.constantFrom(...phases),
    side: maybe(source),
    other: fc.constantFrom(undefined, target, { podName: target.podName }),
    isMovable: fc.boolean(),
    cancel: fc.boolean(),
    deleted: fc.boolean(),
    reason: fc.constantFrom(undefined, 'Waiting', 'DumpFailed', 'of a later version'),
  })
  .map(({ phase, side, other, isMovable, cancel, deleted, reason }): Migration => {
    const sides = { ...(side && { source: side }), ...(other && { target: other }) };
    const status = { phase, ...sides, ...(reason && { reason }), conditions: isMovable ? [movable] : [] };
    return migrationWith(status, { cancel }, deleted ? { deletionTimestamp: 'x' } : {});
  });

const anyFacts: fc.Arbitrary<Facts> = fc
  .record({
    migration: anyMigration,
    source: anySource,
    target: anyTarget,
    sourceNode: maybe(agentOf('n1')),
    lease: fc.constantFrom(undefined, leaseWith(), leaseWith({ podUID: targetUID }), leaseWith({ podUID: 'other' })),
    leaseIsInUse: fc.boolean(),
    created: fc.constantFrom(undefined, { uid: targetUID }, { refusal: 'no' }),
  })
  .map((facts) => factsWith(facts));

const anyTime = fc.integer({ min: now - 120_000, max: now + 3_600_000 });

const writes = (steps: readonly Step[]): Phase[] =>
  steps.flatMap((step) => (step.do === 'writeStatus' && step.patch.status.phase ? [step.patch.status.phase] : []));

describe('whatever the facts are, a decision', () => {
  const holds = (property: (facts: Facts, steps: Step[], at: number) => void): void => {
    fc.assert(
      fc.property(anyFacts, anyTime, (facts, at) => {
        property(facts, decide(facts, at), at);
      }),
      { numRuns: 3_000 },
    );
  };

  it('is there, for every phase, and changes nothing that it was taken from', () => {
    fc.assert(
      fc.property(anyFacts, anyTime, (facts, at) => {
        const before = structuredClone(facts);
        expect(Array.isArray(decide(facts, at))).toBe(true);
        expect(facts).toEqual(before);
      }),
    );
  });

  it('writes only phases that may follow, by compare-and-swap', () => {
    holds((facts, steps) => {
      const from = phaseOf(facts.migration);
      for (const to of writes(steps)) expect(to === from || mayFollow(from, to)).toBe(true);
      for (const step of steps)
        if (step.do === 'writeStatus')
          expect(step.patch.metadata.resourceVersion).toBe(facts.migration.metadata.resourceVersion);
    });
  });

  it("never commits: that is the source agent's word", () => {
    holds((_facts, steps) => {
      expect(writes(steps)).not.toContain('Committed');
    });
  });

  it('removes the source only after the commit, and only that very pod', () => {
    holds((facts, steps) => {
      for (const step of steps) {
        if (step.do !== 'deletePod' || step.pod.name !== 'web-1') continue;
        expect(isCommitted(phaseOf(facts.migration))).toBe(true);
        expect(step.pod.uid).toBe(facts.migration.status?.source?.podUID);
      }
    });
  });

  it('removes a target before the commit only in the same breath as it fails, or after it has failed', () => {
    holds((facts, steps) => {
      const isDeletion = steps.some((step) => step.do === 'deletePod' && step.pod.name !== 'web-1');
      const phase = phaseOf(facts.migration);
      if (isDeletion && !isCommitted(phase))
        expect(['Failed', 'Cancelled'].includes(phase) || writes(steps).includes('Failed')).toBe(true);
    });
  });

  it('writes nothing while the agents move, but for deadline, cancel and deletion', () => {
    holds((facts, steps, at) => {
      const { migration } = facts;
      const isInterrupted =
        migration.spec.cancel ||
        migration.metadata.deletionTimestamp !== undefined ||
        at >= Date.parse('2026-01-01T00:19:00Z');
      if (phaseOf(migration) === 'Moving' && !isInterrupted)
        expect(steps.filter((step) => step.do !== 'lookAgain')).toEqual([]);
    });
  });

  it('tells of a failure only what the record says', () => {
    holds((facts, steps) => {
      if (!['Failed', 'Cancelled'].includes(phaseOf(facts.migration))) return;
      for (const step of steps)
        if (step.do === 'tell') expect(step.message).toBe(facts.migration.status?.message ?? '');
    });
  });
});

/*
 * The promise: at no instant do both sides run. A model of the writers of one
 * record, each acting on what it has last read, in any order, each stopping and
 * coming back at any time. A write goes through only when what was read is
 * still what there is.
 */
interface World {
  record: Migration;
  version: number;
  sourceRuns: boolean;
  targetRuns: boolean;
  /** The source agent has sent its commit and does not know what came of it. */
  inDoubt: boolean;
  seen: Record<Writer, Migration>;
}

type Writer = 'controller' | 'sourceAgent' | 'targetAgent' | 'user';
type Act = readonly [Writer, 'read' | 'act' | 'restart'];

const swap = (world: World, base: Migration, status: NonNullable<Migration['status']>, spec = base.spec): boolean => {
  if (base.metadata.resourceVersion !== world.record.metadata.resourceVersion) return false;
  world.version += 1;
  world.record = { ...base, spec, status, metadata: { ...base.metadata, resourceVersion: String(world.version) } };
  return true;
};

const to = (base: Migration, phase: Phase): NonNullable<Migration['status']> => ({
  ...base.status,
  phase,
  ...phaseChange(base, { to: phase, now, reason: 'Moving', message: '' }).status,
});

const sourceAgent = (world: World, seen: Migration): void => {
  const phase = phaseOf(seen);
  if (phase === 'Arrived') swap(world, seen, to(seen, 'Moving'));
  else if (phase === 'Moving' && world.sourceRuns) world.sourceRuns = false;
  else if (phase === 'Moving' && !world.inDoubt) {
    world.inDoubt = true;
    // Whether this went through it learns only by reading again.
    swap(world, seen, to(seen, 'Committed'));
  } else if (phase === 'Failed' || phase === 'Cancelled') world.sourceRuns = true;
};

const targetAgent = (world: World, seen: Migration): void => {
  const phase = phaseOf(seen);
  if (phase === 'Preparing' && seen.status?.target?.podUID) swap(world, seen, to(seen, 'Arrived'));
  else if (isCommitted(phase)) world.targetRuns = true;
};

const controller = (world: World, seen: Migration, at: number): void => {
  const pods = {
    source: podWith(),
    target: seen.status?.target ? targetWith() : undefined,
    lease: leaseWith({ podUID: targetUID, nodeName: 'n2', podName: target.podName }),
  };
  for (const step of decide(factsWith({ migration: seen, ...pods }), at)) {
    if (step.do === 'writeStatus' && !swap(world, seen, { ...seen.status, phase: phaseOf(seen), ...step.patch.status }))
      return;
    if (step.do === 'deletePod' && step.pod.uid === sourceUID) world.sourceRuns = false;
    if (step.do === 'deletePod' && step.pod.uid === targetUID) world.targetRuns = false;
  }
};

const perform = (world: World, [writer, what]: Act, at: number): void => {
  if (what === 'read') {
    world.seen[writer] = world.record;
    // The answer to its doubt is the record.
    if (writer === 'sourceAgent') world.inDoubt = false;
    return;
  }
  if (what === 'restart') {
    world.seen[writer] = world.record;
    return;
  }
  const seen = world.seen[writer];
  if (writer === 'sourceAgent') sourceAgent(world, seen);
  else if (writer === 'targetAgent') targetAgent(world, seen);
  else if (writer === 'controller') controller(world, seen, at);
  else swap(world, seen, { ...seen.status, phase: phaseOf(seen) }, { ...seen.spec, cancel: true });
};

const anyAct: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(
      fc.constantFrom('controller' as const, 'sourceAgent' as const, 'targetAgent' as const),
      fc.constantFrom('read' as const, 'act' as const),
    ),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constant('user' as const), fc.constantFrom('read' as const, 'act' as const)) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constantFrom('controller' as const, 'sourceAgent' as const),
      fc.constant('restart' as const),
    ),
  },
);

const worldAt = (record: Migration): World => ({
  record,
  version: Number(record.metadata.resourceVersion),
  sourceRuns: true,
  targetRuns: false,
  inDoubt: false,
  seen: { controller: record, sourceAgent: record, targetAgent: record, user: record },
});

describe('in every history of writers that read late and act in any order', () => {
  const history = fc.array(fc.tuple(anyAct, fc.integer({ min: 0, max: 30_000 })), { minLength: 20, maxLength: 120 });
  const begin = migrationWith(
    { phase: 'Preparing', source, target: { podName: target.podName } },
    { deadlineSeconds: 300 },
  );
  let reached = new Set<Phase>();

  it('source and target never run at once, and the commit is never taken back', () => {
    reached = new Set();
    fc.assert(
      fc.property(history, (acts) => {
        const world = worldAt(begin);
        let at = now;
        let committed = false;
        for (const [act, pause] of acts) {
          at += pause;
          const before = phaseOf(world.record);
          perform(world, act, at);
          const after = phaseOf(world.record);
          reached.add(after);
          expect(after === before || mayFollow(before, after), `${before} to ${after}`).toBe(true);
          expect(world.sourceRuns && world.targetRuns).toBe(false);
          committed ||= isCommitted(after);
          expect(isCommitted(after)).toBe(committed);
          // Somebody who runs can always be named: before the commit the target never does.
          if (!committed) expect(world.targetRuns).toBe(false);
        }
      }),
      { numRuns: 2_000 },
    );
    // The model is worth something only if moves do get through it, and do fail in it.
    expect([...reached].sort()).toEqual(
      expect.arrayContaining(['Arrived', 'Cancelled', 'Committed', 'Failed', 'Moving', 'Preparing', 'Succeeded']),
    );
  });

  it('and in the end, when all read and act for long enough, exactly one of them runs', () => {
    const inTurn: Act[] = (['sourceAgent', 'targetAgent', 'controller'] as const).flatMap(
      (writer) =>
        [
          [writer, 'read'],
          [writer, 'act'],
        ] as Act[],
    );
    fc.assert(
      fc.property(history, (acts) => {
        const world = worldAt(begin);
        for (const [act, pause] of acts) perform(world, act, now + pause);
        for (let turn = 0; turn < 12; turn += 1) for (const act of inTurn) perform(world, act, now + 3_600_000);
        expect(isOver(world.record)).toBe(true);
        expect([world.sourceRuns, world.targetRuns]).toEqual(
          isCommitted(phaseOf(world.record)) ? [false, true] : [true, false],
        );
      }),
      { numRuns: 500 },
    );
  });
});
