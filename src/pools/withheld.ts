import type { IPPool } from '../api/addresses.ts';
import type { Node } from '../api/pod.ts';
import { overlapOf, type Span, spanOf, spanText } from './ipv4.ts';
import { isRange, rangeOf } from './range.ts';

/** Who else has addresses in the cluster. */
export interface Neighbours {
  readonly pools: readonly IPPool[];
  readonly nodes: readonly Node[];
  /** As the API server tells them (ServiceCIDR). */
  readonly serviceCIDRs: readonly string[];
}

/** Addresses of a pool that are not given, and for whose sake. */
export interface Withheld {
  readonly span: Span;
  readonly from: string;
  /** The administrator wants it so; everything else is a mistake that he does not know of yet. */
  readonly isReserved: boolean;
}

interface Claim {
  readonly cidr: string;
  readonly of: string;
}

const podCIDRsOf = ({ spec }: Node): readonly string[] => spec?.podCIDRs ?? (spec?.podCIDR ? [spec.podCIDR] : []);

const claimsOfNode = (node: Node): readonly Claim[] => {
  const { name } = node.metadata;
  return [
    ...podCIDRsOf(node).map((cidr) => ({ cidr, of: `the podCIDR of node ${name}` })),
    ...(node.status?.addresses ?? []).map(({ address }) => ({ cidr: address, of: `the address of node ${name}` })),
  ];
};

/** The older pool keeps what two have, so that a new one takes nothing away. Those of one second go by their names. */
const isOlder = ({ metadata: a }: IPPool, { metadata: b }: IPPool): boolean => {
  const [since, sinceThen] = [a.creationTimestamp ?? '', b.creationTimestamp ?? ''];
  return since === sinceThen ? a.name < b.name : since < sinceThen;
};

/** A gateway is an address of every node that has a pod of its pool, whichever of the pools is older. */
const claimsOfPool = (other: IPPool, pool: IPPool): readonly Claim[] => {
  const of = `IPPool ${other.metadata.name}`;
  const range = isRange(other.spec.cidr) ? rangeOf(other.spec.cidr) : undefined;
  return [
    ...(range ? [{ cidr: range.gateway, of: `the gateway of ${of}` }] : []),
    ...(isOlder(other, pool) ? [{ cidr: other.spec.cidr, of }] : []),
  ];
};

const within = (range: Span, { cidr, of }: Claim, isReserved: boolean): readonly Withheld[] => {
  const claimed = spanOf(cidr);
  const span = claimed && overlapOf(range, claimed);
  return span ? [{ span, from: of, isReserved }] : [];
};

/** What of a pool nobody gets. */
export const withheldFrom = (pool: IPPool, { pools, nodes, serviceCIDRs }: Neighbours): readonly Withheld[] => {
  const range = rangeOf(pool.spec.cidr);
  const others = pools.filter(({ metadata }) => metadata.name !== pool.metadata.name);
  const claims = [
    ...nodes.flatMap(claimsOfNode),
    ...serviceCIDRs.map((cidr) => ({ cidr, of: 'Services' })),
    ...others.flatMap((other) => claimsOfPool(other, pool)),
  ];
  return [
    ...(pool.spec.reserved ?? []).flatMap((cidr) => within(range, { cidr, of: 'spec.reserved' }, true)),
    ...claims.flatMap((claim) => within(range, claim, false)),
  ];
};

/** As a person reads it. */
export const withheldText = ({ span, from }: Withheld): string => `${spanText(span)} (${from})`;
