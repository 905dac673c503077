import type { Migration } from '../../api/migration.ts';
import type { OwnerReference } from '../../api/metadata.ts';
import { controllerOf, type Pod } from '../../api/pod.ts';

/** The StatefulSet that makes a pod of this name whenever there is none. */
export const statefulSetOf = (pod: Pod): OwnerReference | undefined => {
  const owner = controllerOf(pod);
  return owner?.kind === 'StatefulSet' ? owner : undefined;
};

/**
 * Can this pod only be followed by one of its own name? A StatefulSet knows its
 * pods by their names, and so does whoever has made a pod by hand. The name has to
 * be free before the target can have it.
 */
export const needsItsName = (pod: Pod): boolean => controllerOf(pod) === undefined || statefulSetOf(pod) !== undefined;

/** Is the target of this move its source's namesake? */
export const isOfNamesakes = ({ status }: Migration): boolean => status?.source?.keepsName === true;
