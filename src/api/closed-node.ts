import { decommissionedTaint } from './names.ts';
import type { Node } from './pod.ts';

/** `kubectl cordon`: no new pods; those that are there may stay. */
export const isCordoned = ({ spec }: Node): boolean => spec?.unschedulable === true;

/** The taint counts with whatever value and effect: the node is to be emptied for good. */
export const isDecommissioned = ({ spec }: Node): boolean =>
  spec?.taints?.some(({ key }) => key === decommissionedTaint) ?? false;
