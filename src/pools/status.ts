import type { IPLease, IPPool, IPPoolStatus } from '../api/addresses.ts';
import type { Condition } from '../api/metadata.ts';
import type { Finding } from '../api/reasons.ts';
import { timestamp } from '../clock/clock.ts';
import { gatewayIsLeased, leasedAmong, spansOf } from './free.ts';
import { holds, numberOf, sizeOf, type Span, spanText } from './ipv4.ts';
import { isRange, rangeOf } from './range.ts';
import { type Neighbours, type Withheld, withheldFrom, withheldText } from './withheld.ts';

export interface PoolFacts {
  readonly leases: readonly IPLease[];
  readonly neighbours: Neighbours;
}

interface Counts {
  readonly capacity: number;
  /** Addresses of it that pods have, wherever they lie. */
  readonly leased: number;
  readonly outside: number;
  readonly free: number;
}

/** A status is to be read, and a cluster may have thousands of nodes. */
const mostWithheld = 20;

const isIn = (spans: readonly Span[], ip: string): boolean => spans.some((span) => holds(span, numberOf(ip)));

const countsOf = (pool: IPPool, { leases, neighbours }: PoolFacts): Counts => {
  const spans = spansOf(pool, neighbours);
  const capacity = sizeOf(spans);
  const range = isRange(pool.spec.cidr) ? [rangeOf(pool.spec.cidr)] : [];
  const ofPool = leases.filter(({ spec }) => spec.pool === pool.metadata.name);
  // An address of a node that has moved, or of another pool, may lie in it, too.
  const used = leases.filter(({ spec }) => isIn(spans, spec.ip)).length;
  return {
    capacity,
    leased: ofPool.length,
    outside: ofPool.filter(({ spec }) => !isIn(range, spec.ip)).length,
    free: gatewayIsLeased(pool, leasedAmong(leases)) || pool.spec.disabled ? 0 : capacity - used,
  };
};

const readiness = (pool: IPPool, facts: PoolFacts, { capacity, leased, free }: Counts): Finding => {
  const { name } = pool.metadata;
  if (pool.spec.disabled)
    return { reason: 'PoolDisabled', message: `IPPool ${name} gives no more addresses; ${leased} are in use` };
  if (gatewayIsLeased(pool, leasedAmong(facts.leases)))
    return {
      reason: 'PoolGatewayLeased',
      message: `the first address of IPPool ${name}, its gateway ${rangeOf(pool.spec.cidr).gateway}, is that of a pod; it gives none until that pod is gone`,
    };
  if (free === 0)
    return {
      reason: 'PoolExhausted',
      message: `none of the ${capacity} addresses of IPPool ${name} is left; make it larger or add another one`,
    };
  return { reason: 'PoolReady', message: `${free} of ${capacity} addresses are free` };
};

const overlapping = (pool: IPPool, withheld: readonly Withheld[]): readonly Finding[] => {
  const strange = withheld.filter(({ isReserved }) => !isReserved);
  if (strange.length === 0) return [];
  const shown = strange.slice(0, 3).map(withheldText).join(', ');
  const more = strange.length > 3 ? ` and ${strange.length - 3} more` : '';
  return [
    { reason: 'PoolOverlaps', message: `IPPool ${pool.metadata.name} does not give ${shown}${more}: they are taken` },
  ];
};

const outside = (pool: IPPool, { outside: count }: Counts): readonly Finding[] =>
  count === 0
    ? []
    : [
        {
          reason: 'LeasesOutsidePool',
          message: `${count} pods have addresses of IPPool ${pool.metadata.name} that are not in ${pool.spec.cidr} any more`,
        },
      ];

const condition = (
  { type, status, finding }: { type: string; status: Condition['status']; finding: Finding },
  before: readonly Condition[],
  now: number,
): Condition => {
  const known = before.find((each) => each.type === type);
  const since = known?.status === status ? known.lastTransitionTime : timestamp(now);
  return { type, status, ...finding, lastTransitionTime: since };
};

/** How a pool stands. What is wrong with it is among its conditions only while it is. */
export const poolStatusOf = (pool: IPPool, facts: PoolFacts, now: number): IPPoolStatus => {
  const counts = countsOf(pool, facts);
  const ready = readiness(pool, facts, counts);
  const withheld = isRange(pool.spec.cidr) ? withheldFrom(pool, facts.neighbours) : [];
  const [overlaps, leftOut] = [overlapping(pool, withheld), outside(pool, counts)];
  const findings = [
    { type: 'Ready', status: ready.reason === 'PoolReady' ? 'True' : 'False', finding: ready } as const,
    ...overlaps.map((finding) => ({ type: 'Overlaps', status: 'True', finding }) as const),
    ...leftOut.map((finding) => ({ type: 'LeasesOutside', status: 'True', finding }) as const),
  ];
  // The first thing that an administrator should know of: a pool that gives, but less than he thinks, is not just ready.
  const [first = ready] = ready.reason === 'PoolReady' ? [...overlaps, ...leftOut] : [ready];
  return {
    capacity: counts.capacity,
    leased: counts.leased,
    free: counts.free,
    ...first,
    serviceCIDRs: [...facts.neighbours.serviceCIDRs],
    withheld: withheld.slice(0, mostWithheld).map(({ span, from }) => ({ range: spanText(span), from })),
    conditions: findings.map((each) => condition(each, pool.status?.conditions ?? [], now)),
  };
};
