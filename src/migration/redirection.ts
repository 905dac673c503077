import { isDecommissioned } from '../api/closed-node.ts';
import type { Facts } from './facts.ts';
import type { Verdict } from './status.ts';

/**
 * Why the pod is to go elsewhere, as long as it has not committed: it would have
 * to leave that node again. A node that is only cordoned keeps what was bound to
 * it before, as it does with any pod.
 */
export const redirection = ({ migration, targetNode }: Facts): Verdict | undefined => {
  if (!targetNode || !isDecommissioned(targetNode)) return undefined;
  const { podName = '' } = migration.status?.target ?? {};
  const message = `node ${targetNode.metadata.name}, to which the target pod ${podName} was bound, has been decommissioned`;
  return { reason: 'TargetNodeDecommissioned', message };
};
