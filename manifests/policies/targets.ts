import { group } from '../../src/api/group.ts';
import { adoptionAnnotation, markerEnvironment, migrationAnnotation, targetLabel } from '../../src/api/names.ts';
import { isController, statefulSetControllers } from './identity.ts';
import type { Policy } from './policy.ts';

/*
 * A target is given the memory of another pod. Whoever could make a pod that
 * looks like one, with an image and mounts of their own, would be given it too.
 */

const mark = (version: 'object' | 'oldObject', field: 'labels' | 'annotations', name: string): string =>
  `${version}.metadata.?${field}[?'${name}'].orValue('')`;

const marks = [
  ['labels', targetLabel],
  ['annotations', migrationAnnotation],
  ['annotations', adoptionAnnotation],
] as const;

const containers = ['containers', 'initContainers'].map(
  (field) =>
    `object.spec.?${field}.orValue([]).exists(container, container.?env.orValue([]).exists(variable, variable.name == '${markerEnvironment}'))`,
);

const isMadeAsTarget = [
  `${mark('object', 'labels', targetLabel)} != ''`,
  `${mark('object', 'annotations', adoptionAnnotation)} != ''`,
  `(${mark('object', 'annotations', migrationAnnotation)} != '' && (${containers.join(' || ')}))`,
].join(' || ');

const isMarkedAnew = marks
  .map(([field, name]) => `${mark('object', field, name)} != ${mark('oldObject', field, name)}`)
  .join(' || ');

/** Our webhook makes targets of the pods that it makes; the controller looks at each (src/migration/namesake/kinship.ts). */
const isStatefulSetAtWork = [
  "request.operation == 'CREATE'",
  `request.userInfo.username in ${JSON.stringify(statefulSetControllers)}`,
  "object.metadata.?ownerReferences.orValue([]).exists(owner, owner.?controller.orValue(false) && owner.kind == 'StatefulSet')",
].join(' && ');

export const targets: Policy = {
  name: `targets.${group}`,
  concern: { group: '', version: 'v1', resources: ['pods'], operations: ['CREATE', 'UPDATE'] },
  conditions: {
    'is-not-the-controller': `!(${isController})`,
    'is-not-a-statefulset-at-work': `!(${isStatefulSetAtWork})`,
    'carries-the-marks-of-a-target': `request.operation == 'CREATE' ? (${isMadeAsTarget}) : (${isMarkedAnew})`,
  },
  checks: [
    {
      expression: 'false',
      message: `only the controller of Transship makes a pod the target of a move, or lets it be one no longer. In a copy of a pod that has been moved, leave out the annotation ${migrationAnnotation} and the environment variable ${markerEnvironment}`,
    },
  ],
};
