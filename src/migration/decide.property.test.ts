import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Migration, phaseOf } from '../api/migration.ts';
import { isCommitted, isTakenBack, mayFollow, type Phase, phases } from '../api/phase.ts';
import { decide } from './decide.ts';
import type { Facts } from './facts.ts';
import {
  agentOf,
  decommissioned,
  factsWith,
  leaseWith,
  migrationWith,
  movable,
  nodeWith,
  now,
  podWith,
  source,
  target,
  targetUID,
  targetWith,
} from './move-fixture.ts';
import { redirection } from './redirection.ts';
import { sourceLoss } from './loss/source-loss.ts';
import type { Step } from './step.ts';
import { targetLoss } from './loss/target-loss.ts';
import { isTargetOf } from './target-pod/target-pod.ts';

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
    other: fc.constantFrom(undefined, target, { podName: target.podName }, { ...target, releaseTime: 'x' }),
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
    targetNode: fc.constantFrom(undefined, nodeWith('n2'), nodeWith('n2', decommissioned)),
    lease: fc.constantFrom(undefined, leaseWith(), leaseWith({ podUID: targetUID }), leaseWith({ podUID: 'other' })),
    leaseIsInUse: fc.boolean(),
    created: fc.constantFrom(undefined, { uid: targetUID }, { refusal: 'no' }),
  })
  .map((facts) => factsWith(facts));

/** Of a Migration whose history says nothing, a phase counts from its creation. */
const movingEnds = Date.parse('2026-01-01T00:09:00Z') + 120_000;

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

  it('removes a target before the commit only in the same breath as it fails, or after its attempt was taken back', () => {
    holds((facts, steps) => {
      const isDeletion = steps.some((step) => step.do === 'deletePod' && step.pod.name !== 'web-1');
      const phase = phaseOf(facts.migration);
      if (isDeletion && !isCommitted(phase)) expect(isTakenBack(phase) || writes(steps).includes('Failed')).toBe(true);
    });
  });

  it('writes nothing while the agents move, but for deadlines, cancel, deletion of the Migration or of a pod, and a node that is given up', () => {
    holds((facts, steps, at) => {
      const { migration } = facts;
      const isInterrupted =
        migration.spec.cancel || migration.metadata.deletionTimestamp !== undefined || at >= movingEnds;
      if (sourceLoss(facts) ?? targetLoss(facts) ?? redirection(facts)) return;
      if (phaseOf(migration) === 'Moving' && !isInterrupted)
        expect(steps.filter((step) => step.do !== 'lookAgain')).toEqual([]);
    });
  });

  it('begins another attempt only when nothing is left of the last one', () => {
    holds((facts, steps) => {
      const { migration, target: left } = facts;
      const isLeft = left !== undefined && isTargetOf(left, migration) && migration.status?.target !== undefined;
      if (phaseOf(migration) === 'Retrying' && isLeft) expect(writes(steps)).not.toContain('Inspecting');
    });
  });

  it('says that the pod was moved only when an agent has seen it run', () => {
    holds(({ migration }, steps) => {
      if (writes(steps).includes('Succeeded')) expect(migration.status?.target?.releaseTime).toBeDefined();
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
