import { group, version } from '../../src/api/group.ts';
import { isCommitted, isFinished, next, type Phase, phases } from '../../src/api/phase.ts';
import type { Policy } from './policy.ts';

/*
 * Deleting a Migration takes its move back, and after the commit there is nothing
 * that could be taken back: the record stays until the move is over.
 */

const binding: readonly Phase[] = phases.filter((phase) => isCommitted(phase) && !isFinished(phase));
const ends: readonly Phase[] = [...new Set(binding.flatMap((phase) => next[phase]))];

const withNamespace = 'has(namespaceObject.metadata.deletionTimestamp)';

export const deletion: Policy = {
  name: `migration-deletion.${group}`,
  concern: { group, version, resources: ['migrations'], operations: ['DELETE'] },
  variables: { phase: "oldObject.?status.?phase.orValue('Pending')" },
  checks: [
    {
      // With its namespace everything goes, the pods too.
      expression: `!(variables.phase in ${JSON.stringify(binding)}) || ${withNamespace}`,
      message: {
        cel: `'the move has committed: pod ' + oldObject.?status.?target.?podName.orValue('') + ' on node ' + oldObject.?status.?target.?nodeName.orValue('') + ' is the pod now, and cannot be moved back by this. The Migration can be deleted when it is ${ends.join(' or ')}'`,
      },
    },
    {
      expression: `!oldObject.?status.?removal.hasValue() || variables.phase in ${JSON.stringify(binding)} || ${withNamespace}`,
      message:
        'the object of the pod has been removed for its target, so to take the move back would end the pod. The Migration can be deleted when it has ended',
    },
  ],
};
