import {
  adoptionAnnotation,
  deletionCostAnnotation,
  lowestDeletionCost,
  movedFromAnnotation,
  targetLabel,
} from '../../api/names.ts';
import type { Pod } from '../../api/pod.ts';
import type { Facts } from '../facts.ts';
import type { PodRef, Step } from '../step.ts';
import { firstToGo } from './first-to-go.ts';
import { remembered } from './held-back.ts';
import { uncounted } from './job.ts';

/** From then on it is a pod like any other: what becomes of it is its owner's affair. */
export const isAdopted = (target: Pod): boolean => target.metadata.labels?.[targetLabel] === undefined;

/**
 * Makes the target its owner's pod. One patch, because between labels and owner
 * the owner would count wrongly; the UID in it makes the API server refuse
 * it for another pod of that name.
 */
const adoptionPatch = (target: Pod, source: Pod | undefined, sourceNode: string): object => {
  const { labels, ownerReferences, finalizers } = remembered(target, source);
  return {
    metadata: {
      uid: target.metadata.uid,
      labels: { ...labels, [targetLabel]: null },
      annotations: { [movedFromAnnotation]: sourceNode, [adoptionAnnotation]: null },
      ownerReferences,
      ...(finalizers && { finalizers: [...(target.metadata.finalizers ?? []), ...finalizers] }),
    },
  };
};

/** In the instant in which there is one pod too many, a ReplicaSet or ReplicationController removes the source (KEP-2255). */
const givenUpPatch = (source: Pod): object => {
  const finalizers = uncounted(source);
  return {
    metadata: {
      uid: source.metadata.uid,
      annotations: { [deletionCostAnnotation]: lowestDeletionCost },
      ...(finalizers && { finalizers }),
    },
  };
};

const giveUp = (source: Pod, others: readonly Pod[]): readonly Step[] => [
  { do: 'patchPod', name: source.metadata.name, patch: givenUpPatch(source) },
  ...firstToGo(source, others),
];

const refOf = (pod: Pod): PodRef => ({ name: pod.metadata.name, uid: pod.metadata.uid });

/** The pod that the record names as the source, if it is still there. No other may be touched. */
export const recordedSource = ({ migration, source }: Facts): Pod | undefined =>
  source !== undefined && source.metadata.uid === migration.status?.source?.podUID ? source : undefined;

/** Makes the target the owner's pod and then removes the source, in this order: the owner must never count too few. */
export const handOver = (facts: Facts, target: Pod): Step[] => {
  const { migration, siblings = [] } = facts;
  const source = recordedSource(facts);
  const from = migration.status?.source?.nodeName ?? '';
  return [
    ...(source && !isAdopted(target) ? giveUp(source, [target, ...siblings]) : []),
    ...(isAdopted(target)
      ? []
      : [{ do: 'patchPod', name: target.metadata.name, patch: adoptionPatch(target, source, from) } as const]),
    ...(source ? [{ do: 'deletePod', pod: refOf(source) } as const] : []),
  ];
};
