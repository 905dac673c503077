import { group } from '../../src/api/group.ts';
import { hooksAnnotation } from '../../src/api/names.ts';
import type { Policy } from './policy.ts';

/*
 * A hook is run in a container with the controller's right to do so. Whoever may
 * change a pod's annotations need not have it, so the annotation is fixed when the
 * pod is made, as are the lifecycle handlers that it is modelled on.
 */

const hooksOf = (version: 'object' | 'oldObject'): string =>
  `${version}.metadata.?annotations[?'${hooksAnnotation}'].orValue('')`;

export const hooks: Policy = {
  name: `pod-hooks.${group}`,
  concern: { group: '', version: 'v1', resources: ['pods'], operations: ['UPDATE'] },
  conditions: { 'changes-hooks': `${hooksOf('object')} != ${hooksOf('oldObject')}` },
  checks: [
    {
      expression: 'false',
      message: `the annotation ${hooksAnnotation} cannot be changed on a pod that exists: its hooks are run in the pod with the rights of Transship. Change it in the template of its owner, or make the pod anew`,
    },
  ],
};
