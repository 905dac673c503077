import { decommissionedTaint } from './names.ts';
import type { Node, Taint } from './pod.ts';

/** `kubectl cordon`: no new pods; those that are there may stay. */
export const isCordoned = ({ spec }: Node): boolean => spec?.unschedulable === true;

/** Those that decommission the node: the taint counts with whatever value and effect. */
export const decommissioningTaints = ({ spec }: Node): readonly Taint[] =>
  spec?.taints?.filter(({ key }) => key === decommissionedTaint) ?? [];

/** The node is to be emptied for good. */
export const isDecommissioned = (node: Node): boolean => decommissioningTaints(node).length > 0;
