import type { IPLease, IPPool } from '../api/addresses.ts';
import type { PodAddress } from '../api/migration.ts';
import type { Finding } from '../api/reasons.ts';
import { freeIn, gatewayIsLeased, leasedAmong, spansOf } from './free.ts';
import { rangeOf } from './range.ts';
import type { Neighbours } from './withheld.ts';

/** One address that a pod may get. */
export interface Candidate extends PodAddress {
  readonly pool: string;
}

/** What there is for a pod: addresses to try in this order, each of them free as far as is known; or why there is none. */
export type Offer = { readonly candidates: Generator<Candidate> } | { readonly none: Finding };

/** What an agent has in memory. */
export interface Known {
  readonly leases: readonly IPLease[];
  readonly neighbours: Omit<Neighbours, 'serviceCIDRs'>;
  /** In [0, 1). */
  readonly from: number;
}

const candidateOf = (ip: string, { metadata, spec }: IPPool): Candidate => {
  const { gateway, prefixLength } = rangeOf(spec.cidr);
  return { ip, prefixLength, gateway, pool: metadata.name };
};

function* candidatesOf(pools: readonly IPPool[], { leases, neighbours, from }: Known): Generator<Candidate> {
  const leased = leasedAmong(leases);
  for (const pool of pools) {
    const { serviceCIDRs } = pool.status ?? {};
    if (!serviceCIDRs || gatewayIsLeased(pool, leased)) continue;
    const spans = spansOf(pool, { ...neighbours, serviceCIDRs });
    for (const ip of freeIn(spans, leased, from)) yield candidateOf(ip, pool);
  }
}

const named = (pools: readonly IPPool[]): string =>
  pools.map(({ metadata, spec }) => `${metadata.name} (${spec.cidr})`).join(', ');

const whyNone = (pools: readonly IPPool[], leases: readonly IPLease[]): Finding => {
  const unchecked = pools.filter(({ status }) => status === undefined);
  if (unchecked.length > 0)
    return {
      reason: 'PoolUnchecked',
      message: `the controller has not looked yet at IPPool ${named(unchecked)}; the address is asked for again`,
    };
  const shut = pools.filter((pool) => gatewayIsLeased(pool, leasedAmong(leases)));
  if (shut.length === pools.length)
    return {
      reason: 'PoolGatewayLeased',
      message: `the first address of IPPool ${named(shut)}, its gateway, is still that of a pod; the address is asked for again`,
    };
  return {
    reason: 'PoolExhausted',
    message: `no address is left in IPPool ${named(pools)}; the address is asked for again`,
  };
};

function* chained(first: Candidate, rest: Generator<Candidate>): Generator<Candidate> {
  yield first;
  yield* rest;
}

/**
 * Addresses of these pools, pool by pool. What Services have is only known of a
 * pool that the controller has looked at; nodes and pools are looked at here, as
 * they are now.
 */
export const offerOf = (pools: readonly IPPool[], known: Known): Offer => {
  const candidates = candidatesOf(pools, known);
  const first = candidates.next();
  if (first.done === true) return { none: whyNone(pools, known.leases) };
  return { candidates: chained(first.value, candidates) };
};
