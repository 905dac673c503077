import { type Migration, phaseOf } from '../api/migration.ts';
import { type Facts, livingSource } from './facts.ts';
import { isUnderWay } from './status.ts';

/** Was this other Migration accepted for the very pod that ours is about? Of a pod that is gone we may know no more than the name. */
const isOfSamePod = (facts: Facts, other: Migration): boolean => {
  const { metadata, spec } = facts.migration;
  if (other.metadata.namespace !== metadata.namespace || other.status?.source === undefined) return false;
  const uid = livingSource(facts)?.metadata.uid ?? spec.podUID;
  return uid === undefined ? other.spec.podName === spec.podName : other.status.source.podUID === uid;
};

const newestFirst = (a: Migration, b: Migration): number =>
  (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? '');

/** The Migration that moves the pod of this one now. */
export const moverOf = (facts: Facts): Migration | undefined =>
  facts.others.find((other) => isUnderWay(other) && isOfSamePod(facts, other));

/** The Migration that has moved the pod of this one away. */
export const movedBy = (facts: Facts): Migration | undefined =>
  facts.others.filter((other) => phaseOf(other) === 'Succeeded' && isOfSamePod(facts, other)).sort(newestFirst)[0];
