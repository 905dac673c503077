import type { IPLease, IPPool } from '../api/addresses.ts';
import { numberOf, sizeOf, type Span, textOf, without } from './ipv4.ts';
import { isRange, rangeOf } from './range.ts';
import { type Neighbours, withheldFrom } from './withheld.ts';

const made = new WeakMap<readonly IPLease[], ReadonlySet<number>>();

/** Every leased address, of pools and of nodes. What is made of a list is kept with it: caches make another one when something changes. */
export const leasedAmong = (leases: readonly IPLease[]): ReadonlySet<number> => {
  const before = made.get(leases);
  if (before) return before;
  const leased = new Set(leases.map(({ spec }) => numberOf(spec.ip)));
  made.set(leases, leased);
  return leased;
};

/** What a pool may give, in use or not. */
export const spansOf = (pool: IPPool, neighbours: Neighbours): readonly Span[] => {
  if (!isRange(pool.spec.cidr)) return [];
  return without(
    rangeOf(pool.spec.cidr),
    withheldFrom(pool, neighbours).map(({ span }) => span),
  );
};

/** From so many addresses on, and up to so many. */
const part = (spans: readonly Span[], from: number, to: number): readonly Span[] => {
  let before = 0;
  return spans.flatMap(({ first, last }) => {
    const size = last - first + 1;
    const [skipped, end] = [Math.max(from - before, 0), Math.min(to - before, size)];
    before += size;
    return skipped < end ? [{ first: first + skipped, last: first + end - 1 }] : [];
  });
};

/**
 * Addresses of these spans that nobody has, beginning somewhere by chance so that
 * two nodes that allocate at once seldom try the same one, and so that an address
 * that has just been given back is seldom the next one to be given.
 * @param from in [0, 1)
 */
export function* freeIn(spans: readonly Span[], leased: ReadonlySet<number>, from: number): Generator<string> {
  const count = sizeOf(spans);
  const start = Math.floor(from * count);
  for (const { first, last } of [...part(spans, start, count), ...part(spans, 0, start)]) {
    for (let n = first; n <= last; n += 1) if (!leased.has(n)) yield textOf(n);
  }
}

/** A gateway that a pod has as its address would send the packets of all others to that pod's node. */
export const gatewayIsLeased = ({ spec }: IPPool, leased: ReadonlySet<number>): boolean =>
  isRange(spec.cidr) && leased.has(numberOf(rangeOf(spec.cidr).gateway));
