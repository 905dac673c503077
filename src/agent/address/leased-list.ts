import type { IPLease } from '../../api/addresses.ts';
import type { Node } from '../../api/pod.ts';
import { holds, numberOf, spanOf } from '../../pools/ipv4.ts';

/*
 * Which addresses the node's own IPAM plugin must not give: for transship-ipam,
 * which reads it also while no agent runs (node/transship-ipam).
 */

const podSpansOf = ({ spec }: Node) => (spec?.podCIDRs ?? [spec?.podCIDR ?? '']).flatMap((cidr) => spanOf(cidr) ?? []);

/**
 * A line for each leased address that is one of a node: whose it is when it
 * lives here, or `-` when nobody here may have it. Those of pools are left out,
 * because no other plugin gives them, unless they lie in the range of this node.
 */
export const leasedLines = (leases: readonly IPLease[], here: string, node: Node | undefined): readonly string[] => {
  const spans = node ? podSpansOf(node) : [];
  return leases
    .filter(({ spec }) => spec.pool === undefined || spans.some((span) => holds(span, numberOf(spec.ip))))
    .map(({ spec }) => `${spec.ip} ${spec.nodeName === here ? `${spec.podNamespace}/${spec.podName}` : '-'}`)
    .toSorted();
};
