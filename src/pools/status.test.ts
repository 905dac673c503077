import { describe, expect, it } from 'vitest';
import type { IPLease, IPPool } from '../api/addresses.ts';
import { timestamp } from '../clock/clock.ts';
import { leaseOfPod, poolWith } from './pool-fixture.ts';
import { poolStatusOf } from './status.ts';
import type { Neighbours } from './withheld.ts';

const now = Date.parse('2026-01-01T00:10:00Z');
const alone: Neighbours = { pools: [], nodes: [], serviceCIDRs: ['10.96.0.0/16'] };
const statusOf = (pool: IPPool, leases: readonly IPLease[] = [], neighbours = alone, at = now) =>
  poolStatusOf(pool, { leases, neighbours }, at);
const leased = (...last: readonly number[]) => last.map((n) => leaseOfPod(`10.245.0.${n}`, 'a'));
const pool = poolWith('a', '10.245.0.0/29');

interface Given {
  readonly of?: IPPool;
  readonly leases?: readonly IPLease[];
  readonly neighbours?: Neighbours;
}

describe('the status of a pool', () => {
  it('counts what pods can have, have, and can still get', () => {
    expect(statusOf(pool, leased(2, 3))).toEqual({
      ...{ capacity: 5, leased: 2, free: 3, reason: 'PoolReady', message: '3 of 5 addresses are free' },
      serviceCIDRs: ['10.96.0.0/16'],
      withheld: [],
      conditions: [
        {
          ...{ type: 'Ready', status: 'True', reason: 'PoolReady', message: '3 of 5 addresses are free' },
          lastTransitionTime: '2026-01-01T00:10:00Z',
        },
      ],
    });
  });

  it.each<[string, Given, object]>([
    [
      'that is exhausted',
      { leases: leased(2, 3, 4, 5, 6) },
      {
        ...{ capacity: 5, leased: 5, free: 0, reason: 'PoolExhausted' },
        message: 'none of the 5 addresses of IPPool a is left; make it larger or add another one',
      },
    ],
    [
      'that gives no more',
      { of: poolWith('a', '10.245.0.0/29', { disabled: true }), leases: leased(2) },
      { leased: 1, free: 0, reason: 'PoolDisabled', message: 'IPPool a gives no more addresses; 1 are in use' },
    ],
    [
      'that has shrunk',
      { leases: [...leased(2), leaseOfPod('10.245.0.99', 'a'), leaseOfPod('10.245.1.99', 'a')] },
      {
        ...{ capacity: 5, leased: 3, free: 4, reason: 'LeasesOutsidePool' },
        message: '2 pods have addresses of IPPool a that are not in 10.245.0.0/29 any more',
      },
    ],
    [
      'that has shrunk to where a pod has the address of its gateway',
      { leases: leased(1) },
      {
        ...{ free: 0, reason: 'PoolGatewayLeased' },
        message:
          'the first address of IPPool a, its gateway 10.245.0.1, is that of a pod; it gives none until that pod is gone',
      },
    ],
    [
      'that overlaps with Services',
      { neighbours: { ...alone, serviceCIDRs: ['10.245.0.4/30'] } },
      {
        ...{ capacity: 2, free: 2, reason: 'PoolOverlaps' },
        message: 'IPPool a does not give 10.245.0.4-10.245.0.6 (Services): they are taken',
        withheld: [{ range: '10.245.0.4-10.245.0.6', from: 'Services' }],
      },
    ],
    [
      'of which much is reserved',
      { of: poolWith('a', '10.245.0.0/29', { reserved: ['10.245.0.4/30'] }) },
      {
        ...{ capacity: 2, free: 2, reason: 'PoolReady' },
        withheld: [{ range: '10.245.0.4-10.245.0.6', from: 'spec.reserved' }],
      },
    ],
    [
      'in which an address of a node has moved',
      { leases: [leaseOfPod('10.245.0.4', undefined)] },
      { leased: 0, free: 4 },
    ],
    ['that is no range', { of: poolWith('a', 'x') }, { capacity: 0, free: 0, reason: 'PoolExhausted' }],
  ])('says so of one %s', (_what, { of = pool, leases = [], neighbours = alone }, status) => {
    expect(statusOf(of, leases, neighbours)).toMatchObject(status);
  });

  it('shows at most twenty of what it withholds, and three in a sentence', () => {
    const serviceCIDRs = Array.from({ length: 30 }, (_, n) => `10.245.0.${n * 4}/31`);
    const { withheld, message } = statusOf(poolWith('a', '10.245.0.0/24'), [], { ...alone, serviceCIDRs });
    expect(withheld).toHaveLength(20);
    expect(message).toMatch(/^IPPool a does not give .* and 26 more: they are taken$/);
  });

  it('keeps since when a condition is, and takes away what is not wrong any more', () => {
    const overlapping = { ...alone, serviceCIDRs: ['10.245.0.4/30'] };
    const before = { ...pool, status: statusOf(pool, [], overlapping) };
    const { conditions = [] } = statusOf(before, leased(2), overlapping, now + 60_000);
    expect(conditions.map(({ type, lastTransitionTime }) => [type, lastTransitionTime])).toEqual([
      ['Ready', timestamp(now)],
      ['Overlaps', timestamp(now)],
    ]);
    const after = statusOf(
      { ...before, status: { ...before.status, conditions } },
      leased(2, 3, 4, 5, 6),
      alone,
      now + 90_000,
    );
    expect(after.conditions?.map(({ type, status, lastTransitionTime }) => [type, status, lastTransitionTime])).toEqual(
      [['Ready', 'False', timestamp(now + 90_000)]],
    );
  });
});
