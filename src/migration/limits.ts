import type { Migration } from '../api/migration.ts';
import type { MigrationPolicySpec } from '../api/migration-policy.ts';
import { isUnderWay } from './status.ts';
import type { Facts } from './facts.ts';
import { livingSource } from './facts.ts';

type Limits = Pick<MigrationPolicySpec, 'maxConcurrent' | 'maxOutboundPerNode' | 'maxInboundPerNode'>;

const sourceNodeOf = (migration: Migration): string | undefined => migration.status?.source?.nodeName;

const targetNodeOf = (migration: Migration): string | undefined =>
  migration.status?.target?.nodeName ?? migration.spec.targetNodeName;

const pluralOf = (count: number): string => (count === 1 ? '1 move is' : `${count} moves are`);

/** Why the move has to wait, or undefined when there is room for it now. */
export const reasonToWait = (facts: Facts, policy: Limits): string | undefined => {
  const { migration, others } = facts;
  const source = livingSource(facts);
  const underWay = others.filter(isUnderWay);
  if (underWay.length >= policy.maxConcurrent)
    return `${pluralOf(underWay.length)} under way in the cluster, the limit is ${policy.maxConcurrent}`;
  const outbound = underWay.filter((other) => sourceNodeOf(other) === source?.spec.nodeName).length;
  if (outbound >= policy.maxOutboundPerNode) {
    return `${pluralOf(outbound)} under way from node ${source?.spec.nodeName ?? '?'}, the limit is ${policy.maxOutboundPerNode}`;
  }
  const { targetNodeName } = migration.spec;
  // Without a wish the scheduler's extender keeps this limit, when it chooses the node.
  const inbound =
    targetNodeName === undefined ? 0 : underWay.filter((other) => targetNodeOf(other) === targetNodeName).length;
  if (inbound >= policy.maxInboundPerNode) {
    return `${pluralOf(inbound)} under way to node ${targetNodeName ?? '?'}, the limit is ${policy.maxInboundPerNode}`;
  }
  return undefined;
};
