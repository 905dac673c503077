import { fitnessOf } from '../../api/migration-node.ts';
import { type Check, finding } from './check.ts';

export const sourceNodeHasNoAgent: Check = ({ pod, sourceNode, now }) => {
  const node = pod.spec.nodeName;
  // Without a node the pod does not run, which is a finding of its own.
  if (!node) return undefined;
  const fitness = fitnessOf(sourceNode, now);
  return fitness.usable
    ? undefined
    : finding('SourceNodeHasNoAgent', pod, `runs on node ${node}, which cannot send it: ${fitness.why}`);
};
