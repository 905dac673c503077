import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Eviction, ResponderStatus } from '../../api/eviction.ts';
import { builtInPolicy } from '../../api/migration-policy.ts';
import { type Migration, migrationNameOf, phaseOf, type Trigger } from '../../api/migration.ts';
import { withdrawnAnnotation } from '../../api/names.ts';
import { isCommitted, isFinished, next } from '../../api/phase.ts';
import { timestamp } from '../../clock/clock.ts';
import { migrationWith, now as start, podWith, source, sourceUID } from '../../migration/move-fixture.ts';
import { decideResponse, type ResponseStep } from './decide.ts';
import { evictionWith, factsWith } from './eviction-fixture.ts';
import type { ResponseFacts } from './facts.ts';
import { patchOf } from './report.ts';

/** A pod and all that happens to it while we respond to its eviction. */
interface World {
  now: number;
  eviction: Eviction;
  migration: Migration | undefined;
  isMovable: boolean;
  refusesMigrations: boolean;
  /** That of this Eviction, by our clock. */
  lastHeartbeat: number | undefined;
  readonly withdrawals: Migration[];
}

type Event =
  | { readonly what: 'time' }
  | { readonly what: 'phase'; readonly choice: number }
  | { readonly what: 'cancelled' }
  | { readonly what: 'movable' | 'refuses'; readonly is: boolean }
  | { readonly what: 'state'; readonly state: 'Canceled' | 'Interrupted' }
  | { readonly what: 'again' };

/** Mostly the way to the end; what else may follow a phase now and then. */
const anyChoice = fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(4) });

const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  fc.constant({ what: 'time' as const }),
  { weight: 6, arbitrary: fc.record({ what: fc.constant('phase' as const), choice: anyChoice }) },
  fc.constant({ what: 'cancelled' as const }),
  fc.record({ what: fc.constantFrom('movable' as const, 'refuses' as const), is: fc.boolean() }),
  fc.record({
    what: fc.constant('state' as const),
    state: fc.constantFrom('Canceled' as const, 'Interrupted' as const),
  }),
  fc.constant({ what: 'again' as const }),
);

const anyHistory = fc.array(fc.record({ afterMs: fc.nat(400_000), event: anyEvent }), { maxLength: 30, size: 'max' });

const requested = (now: number, trigger: Trigger): Migration =>
  migrationWith(
    { phase: 'Pending', source },
    { trigger, podUID: sourceUID },
    { name: migrationNameOf('web-1', sourceUID), creationTimestamp: timestamp(now) },
  );

/** Somebody else may have asked for the move before. */
const anyBeginning = fc.option(fc.constantFrom('Request' as const, 'Cordon' as const), { nil: undefined });

const worldOf = (trigger: Trigger | undefined): World => ({
  now: start,
  eviction: evictionWith(),
  migration: trigger && requested(start, trigger),
  isMovable: true,
  refusesMigrations: false,
  lastHeartbeat: undefined,
  withdrawals: [],
});

const factsOf = ({ now, eviction, migration, isMovable }: World, refusal?: string): ResponseFacts =>
  factsWith({
    now,
    evictions: [eviction],
    migrations: migration ? [migration] : [],
    standing: {
      pod: podWith(),
      policy: { name: undefined, spec: builtInPolicy },
      findings: isMovable ? [] : [{ reason: 'HostPortUsed', message: 'port 80' }],
    },
    ...(refusal !== undefined && { refusal }),
  });

const stateOf = ({ status }: Eviction): string | undefined => status?.targetResponders?.[0]?.state;
const saidIn = ({ status }: Eviction): ResponderStatus => status?.responders?.[0] ?? { name: '' };

/** As the API server takes what a responder writes (kubernetes pkg/apis/lifecycle/validation), and what the API asks of it. */
const write = (world: World, step: Extract<ResponseStep, { do: 'report' }>): void => {
  const before = saidIn(world.eviction);
  const { status } = patchOf(step) as Pick<Eviction, 'status'>;
  world.eviction = { ...world.eviction, status: { ...world.eviction.status, ...status } };
  const after = saidIn(world.eviction);
  expect(stateOf(world.eviction)).toBe('Active');
  expect(before.completionTime).toBeUndefined();
  for (const time of [after.heartbeatTime, after.completionTime])
    if (time !== undefined && time !== before.heartbeatTime)
      expect(Math.abs(Date.parse(time) - world.now)).toBeLessThan(1_000);
  if (after.heartbeatTime !== before.heartbeatTime) {
    expect(world.now - (world.lastHeartbeat ?? 0)).toBeGreaterThanOrEqual(20_000);
    world.lastHeartbeat = world.now;
  }
  if (after.completionTime !== undefined && world.migration) expect(isFinished(phaseOf(world.migration))).toBe(true);
};

const withdraw = (world: World, migration: Migration): void => {
  expect(migration.spec.trigger).toBe('EvictionRequest');
  expect(isCommitted(phaseOf(migration)) || isFinished(phaseOf(migration))).toBe(false);
  world.withdrawals.push(migration);
  world.migration = {
    ...migration,
    metadata: { ...migration.metadata, annotations: { [withdrawnAnnotation]: 'true' } },
    spec: { ...migration.spec, cancel: true },
  };
};

/** One look, with all that comes of it. @returns when to look again. */
const look = (world: World, refusal?: string): number | undefined => {
  const { steps, lookAgainAt } = decideResponse(factsOf(world, refusal));
  for (const step of steps) {
    if (step.do === 'withdraw') withdraw(world, step.migration);
    else if (step.do === 'report') write(world, step);
    else if (world.refusesMigrations) {
      expect(refusal).toBeUndefined();
      return look(world, 'no');
    } else {
      expect(world.migration).toBe(step.instead);
      world.migration = requested(world.now, 'EvictionRequest');
    }
  }
  return lookAgainAt;
};

/** A second look finds nothing to do; only it knows when the next one is due. */
const lookTwice = (world: World): number | undefined => {
  look(world);
  const { steps, lookAgainAt } = decideResponse(factsOf(world));
  expect(steps).toEqual([]);
  return lookAgainAt;
};

const follow = (world: World, choice: number): void => {
  const { migration } = world;
  if (!migration) return;
  const may = next[phaseOf(migration)].filter((phase) => !migration.spec.cancel || phase !== 'Committed');
  const phase = may[choice % may.length];
  if (phase) world.migration = { ...migration, status: { ...migration.status, phase } };
};

const setState = (world: World, state: string): void => {
  const { status } = world.eviction;
  const [ours, ...others] = status?.targetResponders ?? [];
  if (ours?.state !== 'Active') return;
  world.eviction = { ...world.eviction, status: { ...status, targetResponders: [{ ...ours, state }, ...others] } };
};

const cancel = (world: World): void => {
  const { migration } = world;
  if (migration && !isCommitted(phaseOf(migration)))
    world.migration = { ...migration, spec: { ...migration.spec, cancel: true } };
};

/** Somebody asks for the eviction once more, after it had been given up. */
const askAgain = (world: World): void => {
  if (stateOf(world.eviction) === 'Active') return;
  world.eviction = evictionWith({ said: { startTime: timestamp(world.now) } });
  world.lastHeartbeat = undefined;
};

const happen = (world: World, event: Event): void => {
  switch (event.what) {
    case 'phase':
      follow(world, event.choice);
      break;
    case 'cancelled':
      cancel(world);
      break;
    case 'movable':
      world.isMovable = event.is;
      break;
    case 'refuses':
      world.refusesMigrations = event.is;
      break;
    case 'state':
      setState(world, event.state);
      break;
    case 'again':
      askAgain(world);
      break;
    case 'time':
  }
};

const isOurTurn = ({ eviction }: World): boolean =>
  stateOf(eviction) === 'Active' && saidIn(eviction).completionTime === undefined;

/** Lets the time go on, looking whenever it was asked for. */
const wait = (world: World, ms: number, lookAt: number | undefined): void => {
  const end = world.now + ms;
  let at = lookAt;
  while (at !== undefined && at <= end) {
    world.now = at;
    at = lookTwice(world);
  }
  world.now = end;
};

describe('whatever happens to a pod and its move', () => {
  it('we keep to what the API asks of responders', () => {
    let withdrawals = 0;
    let ends = 0;
    fc.assert(
      fc.property(anyBeginning, anyHistory, (trigger, history) => {
        const world = worldOf(trigger);
        let lookAt = lookTwice(world);
        for (const { afterMs, event } of history) {
          wait(world, afterMs, lookAt);
          // While it is our turn we are never silent for as long as the API server waits, which is 20 minutes.
          if (isOurTurn(world)) expect(world.now - (world.lastHeartbeat ?? 0)).toBeLessThanOrEqual(181_000);
          happen(world, event);
          lookAt = lookTwice(world);
        }
        withdrawals += world.withdrawals.length;
        ends += saidIn(world.eviction).completionTime === undefined ? 0 : 1;
      }),
      { numRuns: 500 },
    );
    // The model is worth something only if moves are taken back in it, and come to an end.
    expect(withdrawals).toBeGreaterThan(0);
    expect(ends).toBeGreaterThan(0);
  });
});
