import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IPLease } from '../api/addresses.ts';
import { type Migration, migration as migrationSchema, type MigrationStatus, phaseOf } from '../api/migration.ts';
import { isCommitted, type Phase, phases } from '../api/phase.ts';
import type { Pod } from '../api/pod.ts';
import { isReason } from '../api/reasons.ts';
import { mergePatch } from '../kube/merge-patch.ts';
import { afterFault } from './attempt.ts';
import { decide } from './decide.ts';
import {
  address,
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
  targetWith,
} from './move-fixture.ts';
import { bare, chosen, namesake, removedFor } from './namesake/namesake-fixture.ts';
import { isOver, phaseChange } from './status.ts';
import type { Step } from './step.ts';

/*
 * A wall clock that is set anew while a move runs: on the controller's machine,
 * where deadlines are judged, and on those of the agents, which write the times
 * that they are judged from. The worst that may come of it is a move that is
 * given up, with a reason, and its source as it was.
 */

const hourMs = 3_600_000;
const jump = fc.constantFrom(-hourMs, -60_000, 0, 0, 0, 60_000, hourMs);

/** What a step does to the source; undefined when nothing. */
const touchOf = (step: Step): string | undefined => {
  if (step.do === 'deletePod' && (step.pod.uid === sourceUID || step.pod.name === 'web-1')) return 'deletes it';
  const isPatch = step.do === 'patchPod' || step.do === 'patchPodStatus';
  return isPatch && step.name === 'web-1' ? 'changes it' : undefined;
};

const touchesOf = (steps: readonly Step[]): string[] => steps.map(touchOf).filter((touch) => touch !== undefined);

const stillUncommitted = phases.filter((phase) => !isCommitted(phase));

/** When the phase was entered, by a clock that may have been another one. */
const anyRecord = fc
  .record({
    phase: fc.constantFrom(...stillUncommitted),
    entered: jump,
    notBefore: fc.option(jump, { nil: undefined }),
    attempt: fc.integer({ min: 1, max: 5 }),
    hasTarget: fc.boolean(),
  })
  .map(({ phase, entered, notBefore, attempt, hasTarget }): Migration => {
    const phaseTransitions = [{ phase, time: new Date(now + entered).toISOString() }];
    return migrationWith({
      ...{ phase, attempt, source, phaseTransitions, conditions: [movable] },
      ...(hasTarget && { target }),
      ...(notBefore !== undefined && { notBefore: new Date(now + notBefore).toISOString() }),
    });
  });

describe('however wrong the clock is', () => {
  it('no decision touches a source whose move has not committed', () => {
    fc.assert(
      fc.property(anyRecord, fc.boolean(), jump, jump, (migration, hasPod, first, second) => {
        const facts = factsWith({ migration, target: hasPod ? targetWith() : undefined, lease: leaseWith() });
        expect(touchesOf(decide(facts, now + first))).toEqual([]);
        expect(touchesOf(decide(facts, now + first + second))).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('no pod is given up whose object was removed: it would be lost', () => {
    fc.assert(
      fc.property(fc.constantFrom('Preparing', 'Arrived', 'Moving', 'Retrying'), jump, (phase, at) => {
        const migration = removedFor(10, bare, phase, { target: chosen });
        const facts = factsWith({ migration, removedForMs: 10, source: namesake, target: namesake });
        const written = decide(facts, now + at).flatMap((step) =>
          step.do === 'writeStatus' ? [step.patch.status.phase] : [],
        );
        expect(written).not.toContain('Failed');
      }),
      { numRuns: 200 },
    );
  });

  it('a wait is asked for that ends', () => {
    fc.assert(
      fc.property(anyRecord, jump, (migration, at) => {
        for (const step of decide(factsWith({ migration, target: targetWith() }), now + at)) {
          if (step.do !== 'lookAgain') continue;
          expect(step.afterMs).toBeGreaterThan(0);
          // A deadline of ten minutes, seen from the wrong hour.
          expect(step.afterMs).toBeLessThanOrEqual(2 * hourMs + 600_000);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

/** A cluster with one move in it, as far as the controller and the agents change it. */
interface Cluster {
  record: Migration;
  source: Pod | undefined;
  target: Pod | undefined;
  lease: IPLease | undefined;
  version: number;
  /** Since when the controller has seen the phase, in time that has really passed. */
  seen: { phase: Phase; since: number };
}

/** Where the clock stands, and how much time has really passed. */
interface Moment {
  readonly at: number;
  readonly passed: number;
}

const write = (cluster: Cluster, patch: object): void => {
  cluster.version += 1;
  const written = mergePatch(cluster.record, patch) as Migration;
  const metadata = { ...written.metadata, resourceVersion: String(cluster.version) };
  cluster.record = migrationSchema.parse({ ...written, metadata });
};

const writeStatus = (cluster: Cluster, status: Partial<MigrationStatus>): void => {
  write(cluster, { status });
};

const enter = (cluster: Cluster, to: Phase, at: number): void => {
  write(cluster, phaseChange(cluster.record, { to, now: at, reason: 'Moving', message: `now ${to}` }));
};

type Doer<K extends Step['do']> = (cluster: Cluster, step: Extract<Step, { do: K }>) => void;

const doers: { readonly [K in Step['do']]: Doer<K> } = {
  writeStatus: (cluster, { patch }) => {
    write(cluster, patch);
  },
  patchMigration: (cluster, { patch }) => {
    write(cluster, patch);
  },
  createLease: (cluster, { tenant, madeFor }) => {
    cluster.lease = leaseWith(tenant, { 'transship.dev/migration': madeFor });
  },
  patchLease: (cluster, { patch }) => {
    cluster.lease = mergePatch(cluster.lease, patch) as IPLease;
  },
  deleteLease: (cluster) => {
    cluster.lease = undefined;
  },
  createTarget: (cluster, { pod }) => {
    const { name } = pod.metadata;
    cluster.target ??= targetWith({ metadata: { name, uid: `${name}-uid` } });
  },
  patchPod: (cluster, { name, patch }) => {
    if (name === cluster.target?.metadata.name) cluster.target = mergePatch(cluster.target, patch) as Pod;
  },
  patchPodStatus: () => undefined,
  deletePod: (cluster, { pod: { uid } }) => {
    if (uid === cluster.target?.metadata.uid) cluster.target = undefined;
    if (uid === sourceUID) cluster.source = undefined;
  },
  tell: () => undefined,
  rehearseTarget: () => undefined,
  createAnew: () => undefined,
  lookAgain: () => undefined,
};

const perform = (cluster: Cluster, step: Step): void => {
  (doers[step.do] as Doer<Step['do']>)(cluster, step);
};

/** One look of the controller; returns for how long it then waits. */
const control = (cluster: Cluster, { at, passed }: Moment): number => {
  const { record, source: pod, target: made, lease } = cluster;
  if (cluster.seen.phase !== phaseOf(record)) cluster.seen = { phase: phaseOf(record), since: passed };
  const seenForMs = passed - cluster.seen.since;
  // Heartbeats carry the time of the agents' own clocks, which is the true one here.
  const steps = decide(factsWith({ migration: record, seenForMs, source: pod, target: made, lease }), at);
  if (!isCommitted(phaseOf(record))) expect(touchesOf(steps)).toEqual([]);
  for (const step of steps) perform(cluster, step);
  return Math.min(hourMs, ...steps.flatMap((step) => (step.do === 'lookAgain' ? [step.afterMs] : [])));
};

const inspect = (cluster: Cluster): void => {
  writeStatus(cluster, {
    source: { ...source, containers: [{ name: 'web', id: 'c1' }], address },
    conditions: [movable],
  });
};

/** What the agent of the source's node does in each phase; a move that breaks is taken back. */
const actAsSource = (cluster: Cluster, at: number, breaks: boolean): void => {
  const phase = phaseOf(cluster.record);
  if (phase === 'Inspecting') inspect(cluster);
  if (phase === 'Arrived') enter(cluster, 'Moving', at);
  if (phase !== 'Moving') return;
  if (breaks)
    write(cluster, afterFault(cluster.record, { reason: 'DumpFailed', message: 'CRIU said no' }, { now: at }));
  else enter(cluster, 'Committed', at);
};

const actAsTarget = (cluster: Cluster, at: number): void => {
  const { target: known } = cluster.record.status ?? {};
  if (known?.podUID === undefined) return;
  if (phaseOf(cluster.record) === 'Preparing') enter(cluster, 'Arrived', at);
  if (phaseOf(cluster.record) === 'Committed')
    writeStatus(cluster, {
      target: { ...known, containers: [{ name: 'web', id: 'c2' }], releaseTime: new Date(at).toISOString() },
    });
};

interface Turn {
  readonly who: 'controller' | 'sourceAgent' | 'targetAgent';
  readonly jumpMs: number;
  readonly passMs: number;
  readonly breaks: boolean;
}

const anyTurn: fc.Arbitrary<Turn> = fc.record({
  who: fc.constantFrom('controller', 'controller', 'sourceAgent', 'targetAgent'),
  jumpMs: jump,
  passMs: fc.integer({ min: 0, max: 20_000 }),
  breaks: fc.boolean(),
});

const act = (cluster: Cluster, { who, breaks }: Turn, moment: Moment): void => {
  const { at } = moment;
  if (who === 'controller') control(cluster, moment);
  else if (who === 'sourceAgent') actAsSource(cluster, at, breaks);
  else actAsTarget(cluster, at);
};

const mostTurns = 300;

/** From here on the clock is left alone, and everybody who lives acts in turn, until all is over. */
const settle = (cluster: Cluster, from: Moment, agentsLive: boolean): void => {
  let { at, passed } = from;
  for (let turn = 0; turn < mostTurns && !isOver(cluster.record); turn += 1) {
    const waitMs = control(cluster, { at, passed });
    at += waitMs;
    passed += waitMs;
    if (!agentsLive) continue;
    actAsSource(cluster, at, false);
    actAsTarget(cluster, at);
  }
};

describe('in every history in which the clock jumps between any two steps', () => {
  let ends = new Set<string>();

  it('the source is left alone until the commit, and the end has a reason', () => {
    ends = new Set();
    fc.assert(
      fc.property(fc.array(anyTurn, { maxLength: 40 }), fc.boolean(), (turns, agentsLive) => {
        const record = migrationWith(undefined, {}, { creationTimestamp: new Date(now).toISOString() });
        const seen = { phase: phaseOf(record), since: 0 };
        const cluster: Cluster = { record, source: podWith(), target: undefined, lease: undefined, version: 100, seen };
        let [at, passed] = [now, 0];
        for (const turn of turns) {
          at += turn.jumpMs + turn.passMs;
          passed += turn.passMs;
          act(cluster, turn, { at, passed });
          if (!isCommitted(phaseOf(cluster.record))) expect(cluster.source).toEqual(podWith());
        }
        settle(cluster, { at, passed }, agentsLive);
        const { phase = 'Pending', reason = '', message = '' } = cluster.record.status ?? {};
        expect(isOver(cluster.record), `${phase} ${reason}`).toBe(true);
        expect(isReason(reason), `${phase}: ${reason}`).toBe(true);
        expect(message).toMatch(/\S/);
        expect(cluster.source).toEqual(isCommitted(phase) ? undefined : podWith());
        ends.add(`${phase} ${reason}`);
      }),
      { numRuns: 1_500 },
    );
    // It is worth something only if moves do get through it, and do end by a clock that is wrong.
    expect([...ends]).toEqual(
      expect.arrayContaining(['Succeeded Moved', 'Failed DeadlineExceeded', 'Failed SourceNodeHasNoAgent']),
    );
  });
});

it('an agent that reports by a clock that is an hour ahead counts as present', () => {
  const sourceNode = agentOf('n1', { heartbeatTime: new Date(now + hourMs).toISOString() });
  const steps = decide(factsWith({ sourceNode }), now);
  expect(steps).toContainEqual(expect.objectContaining({ do: 'writeStatus' }));
  expect(JSON.stringify(steps)).toContain('"reason":"Accepted"');
});
