import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IPLease, IPPool } from '../api/addresses.ts';
import type { Node } from '../api/pod.ts';
import { fastest } from '../clock/processor-time-fixture.ts';
import { holds, numberOf, spanOf } from './ipv4.ts';
import { type Known, offerOf } from './offer.ts';
import { leaseOfPod, poolWith } from './pool-fixture.ts';
import { rangeOf } from './range.ts';

const none: Known['neighbours'] = { pools: [], nodes: [] };
const ipsOf = (pools: readonly IPPool[], leases: readonly IPLease[] = [], from = 0, neighbours = none) => {
  const offer = offerOf(pools, { leases, neighbours, from });
  return 'none' in offer ? [] : [...offer.candidates].map(({ ip }) => ip);
};
const reasonOf = (pools: readonly IPPool[], leases: readonly IPLease[] = []) => {
  const offer = offerOf(pools, { leases, neighbours: none, from: 0 });
  return 'none' in offer ? offer.none.reason : undefined;
};

const a = poolWith('a', '10.245.0.0/29');
const b = poolWith('b', '10.246.0.0/29');
const full = ['10.245.0.2', '10.245.0.3', '10.245.0.4', '10.245.0.5', '10.245.0.6'].map((ip) => leaseOfPod(ip, 'a'));
const unchecked = { ...a, status: undefined };

describe('what a pod is offered', () => {
  it('is every free address, pool by pool', () => {
    expect(ipsOf([a, b], full.slice(1))).toEqual(['10.245.0.2', ...ipsOf([b])]);
  });

  it('is the address, its network and its gateway', () => {
    const offer = offerOf([a], { leases: [], neighbours: none, from: 0 });
    expect('candidates' in offer && [...offer.candidates.take(1)]).toEqual([
      {
        ...{ ip: '10.245.0.2', prefixLength: 29, gateway: '10.245.0.1', pool: 'a' },
      },
    ]);
  });

  it.each<[string, readonly IPPool[], readonly IPLease[], string | undefined]>([
    ['nothing, when all are taken', [a], full, 'PoolExhausted'],
    ['nothing before the controller has looked at the pool', [unchecked], [], 'PoolUnchecked'],
    ['what another pool has meanwhile', [unchecked, b], [], undefined],
    ['nothing while a pod has the address of the gateway', [a], [leaseOfPod('10.245.0.1', 'a')], 'PoolGatewayLeased'],
  ])('is %s', (_what, pools, leases, reason) => {
    expect(reasonOf(pools, leases)).toBe(reason);
  });

  it('is no address of Services, which the controller tells, nor of a node that has just come', () => {
    const told: IPPool = { ...a, status: { ...a.status!, serviceCIDRs: ['10.245.0.2/31'] } };
    const node: Node = {
      metadata: { name: 'n5', uid: 'n5', resourceVersion: '1' },
      spec: { podCIDR: '10.245.0.4/31' },
    };
    expect(ipsOf([told], [], 0, { pools: [], nodes: [node] })).toEqual(['10.245.0.6']);
  });
});

describe('whatever pools, leases and nodes there are', () => {
  const octet = fc.integer({ min: 0, max: 63 });
  const network = fc.tuple(octet, fc.integer({ min: 26, max: 30 })).map(([n, length]) => {
    const size = 2 ** (32 - length);
    return `10.0.0.${Math.floor(n / size) * size}/${length}`;
  });
  const world = fc.record({
    cidrs: fc.array(network, { minLength: 1, maxLength: 3 }),
    podCIDRs: fc.array(network, { maxLength: 2 }),
    serviceCIDRs: fc.array(network, { maxLength: 2 }),
    leased: fc.uniqueArray(octet, { maxLength: 40 }),
    from: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  });

  it('each address is offered once, lies in its pool, and is nobody else’s', () => {
    fc.assert(
      fc.property(world, ({ cidrs, podCIDRs, serviceCIDRs, leased, from }) => {
        const pools = cidrs.map((cidr, n) => {
          const pool = poolWith(`p${n}`, cidr);
          return { ...pool, status: { ...pool.status!, serviceCIDRs } };
        });
        const nodes = podCIDRs.map((podCIDR, n): Node => ({
          metadata: { name: `n${n}`, uid: `n${n}`, resourceVersion: '1' },
          spec: { podCIDR },
        }));
        const leases = leased.map((n) => leaseOfPod(`10.0.0.${n}`, undefined));
        const offer = offerOf(pools, { leases, neighbours: { pools, nodes }, from });
        const offered = 'none' in offer ? [] : [...offer.candidates];
        const isIn = (ip: string, networks: readonly string[]) =>
          networks.some((cidr) => holds(spanOf(cidr)!, numberOf(ip)));
        expect(new Set(offered.map(({ ip }) => ip)).size).toBe(offered.length);
        for (const { ip, pool, gateway } of offered) {
          const range = rangeOf(pools.find(({ metadata }) => metadata.name === pool)!.spec.cidr);
          expect(holds(range, numberOf(ip)), `${ip} of ${pool}`).toBe(true);
          expect(isIn(ip, [...podCIDRs, ...serviceCIDRs])).toBe(false);
          expect(leased.some((n) => ip === `10.0.0.${n}`)).toBe(false);
          expect(pools.map(({ spec }) => rangeOf(spec.cidr).gateway)).not.toContain(ip);
          expect(leased.some((n) => gateway === `10.0.0.${n}`)).toBe(false);
        }
      }),
    );
  });
});

describe('with 5,000 leases', () => {
  const wide = poolWith('wide', '10.245.0.0/16');
  const many = Array.from({ length: 5_000 }, (_, n) =>
    leaseOfPod(`10.245.${Math.floor(n / 250)}.${(n % 250) + 2}`, 'wide'),
  );
  const nodes = Array.from({ length: 1_000 }, (_, n): Node => ({
    metadata: { name: `n${n}`, uid: `n${n}`, resourceVersion: '1' },
    spec: { podCIDR: `10.${Math.floor(n / 250)}.${n % 250}.0/24` },
  }));

  const first = (leases: readonly IPLease[], from: number) => {
    const offer = offerOf([wide], { leases, neighbours: { pools: [wide], nodes }, from });
    return 'none' in offer ? undefined : [...offer.candidates.take(1)][0];
  };

  it('an address is found in less than 20 ms, also when the list has just changed', () => {
    expect(first(many, 0)).toMatchObject({ pool: 'wide' });
    expect(fastest(() => first(many, Math.random()))).toBeLessThan(20);
    expect(fastest(() => first([...many], 0))).toBeLessThan(20);
  });

  it('and also the last one of a pool', () => {
    const all = Array.from({ length: 65_533 }, (_, n) => {
      const at = n + 2;
      return leaseOfPod(`10.245.${Math.floor(at / 256)}.${at % 256}`, 'wide');
    });
    const but = all.filter(({ spec }) => spec.ip !== '10.245.200.7');
    expect(first(but, 0.9)).toMatchObject({ ip: '10.245.200.7' });
    expect(fastest(() => first(but, 0.9))).toBeLessThan(20);
    expect(first(all, 0.9)).toBeUndefined();
  });
});
