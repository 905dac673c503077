import type { Migration } from '../../api/migration.ts';
import { controllerOf, type Pod } from '../../api/pod.ts';
import { statefulSetOf } from './kind.ts';
import { removedPod } from './removal.ts';
import { revisionLabel } from './stateful-set.ts';

/**
 * Was a target, before it is adopted, made by anybody but us? The API server lets
 * StatefulSets make pods with our marks, because our webhook puts them there, and
 * so whoever may write a StatefulSet could put them there, too. Its target is of
 * the StatefulSet and the template of the source; every other target has no owner yet.
 */
export const isStranger = (target: Pod, migration: Migration): boolean => {
  const source = removedPod(migration);
  const set = source && statefulSetOf(source);
  if (controllerOf(target)?.uid !== set?.uid) return true;
  return set !== undefined && target.metadata.labels?.[revisionLabel] !== source?.metadata.labels?.[revisionLabel];
};
