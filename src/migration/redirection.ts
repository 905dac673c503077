import { isDecommissioned } from '../api/closed-node.ts';
import type { Facts } from './facts.ts';
import type { Verdict } from './status.ts';

const verdict = (message: string): Verdict => ({ reason: 'TargetNodeDecommissioned', message });

/** Of a target that no node has been chosen for yet, though the Migration names one. */
const ofUnbound = ({ migration, wantedNode: { node } }: Facts): Verdict | undefined =>
  node && migration.status?.target?.nodeName === undefined && isDecommissioned(node)
    ? verdict(`node ${node.metadata.name}, which the Migration names, has been decommissioned`)
    : undefined;

/**
 * Why the pod is to go elsewhere, as long as it has not committed: it would have
 * to leave that node again. A node that is only cordoned keeps what was bound to
 * it before, as it does with any pod.
 */
export const redirection = (facts: Facts): Verdict | undefined => {
  const { migration, targetNode } = facts;
  if (!targetNode) return ofUnbound(facts);
  if (!isDecommissioned(targetNode)) return undefined;
  const { podName = '' } = migration.status?.target ?? {};
  return verdict(
    `node ${targetNode.metadata.name}, to which the target pod ${podName} was bound, has been decommissioned`,
  );
};
