import { z } from 'zod';
import { ownerReference } from '../api/metadata.ts';
import {
  adoptionAnnotation,
  deletionCostAnnotation,
  lowestDeletionCost,
  movedFromAnnotation,
  targetLabel,
} from '../api/names.ts';
import type { Pod } from '../api/pod.ts';
import type { Facts } from './facts.ts';
import type { PodRef, Step } from './step.ts';

const heldBack = z.object({ labels: z.record(z.string(), z.string()), ownerReferences: z.array(ownerReference) });
export type HeldBack = z.infer<typeof heldBack>;

/** The label by which a Deployment's ReplicaSets tell their pods apart. */
const templateHash = 'pod-template-hash';

/**
 * What the target must not have yet: its owner, and the labels by which the
 * owner would take it. A ReplicaSet without a Deployment selects by labels that
 * we do not know, so then none is given.
 */
export const heldBackFrom = (source: Pod): HeldBack => {
  const labels = source.metadata.labels ?? {};
  const hash = labels[templateHash];
  return {
    labels: hash === undefined ? labels : { [templateHash]: hash },
    ownerReferences: source.metadata.ownerReferences ?? [],
  };
};

const parsed = (text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return undefined;
  }
};

/** From the target itself, because the source may be gone; from the source when somebody has removed the note. */
const remembered = (target: Pod, source: Pod | undefined): HeldBack => {
  const noted = heldBack.safeParse(parsed(target.metadata.annotations?.[adoptionAnnotation]));
  if (noted.success) return noted.data;
  return source ? heldBackFrom(source) : { labels: {}, ownerReferences: [] };
};

const isAdopted = (target: Pod): boolean => target.metadata.labels?.[targetLabel] === undefined;

/**
 * Makes the target its owner's pod. One patch, because between labels and owner
 * the ReplicaSet would count wrongly; the UID in it makes the API server refuse
 * it for another pod of that name.
 */
const adoptionPatch = (target: Pod, source: Pod | undefined, sourceNode: string): object => {
  const { labels, ownerReferences } = remembered(target, source);
  return {
    metadata: {
      uid: target.metadata.uid,
      labels: { ...labels, [targetLabel]: null },
      annotations: { [movedFromAnnotation]: sourceNode, [adoptionAnnotation]: null },
      ownerReferences,
    },
  };
};

/** In the instant in which there is one pod too many, the ReplicaSet removes the source (KEP-2255). */
const givenUpPatch = (source: Pod): object => ({
  metadata: { uid: source.metadata.uid, annotations: { [deletionCostAnnotation]: lowestDeletionCost } },
});

const refOf = (pod: Pod): PodRef => ({ name: pod.metadata.name, uid: pod.metadata.uid });

/** The pod that the record names as the source, if it is still there. No other may be touched. */
export const recordedSource = ({ migration, source }: Facts): Pod | undefined =>
  source !== undefined && source.metadata.uid === migration.status?.source?.podUID ? source : undefined;

/** Makes the target the owner's pod and then removes the source, in this order: the owner must never count too few. */
export const handOver = (facts: Facts, target: Pod): Step[] => {
  const { migration } = facts;
  const source = recordedSource(facts);
  const from = migration.status?.source?.nodeName ?? '';
  return [
    ...(source && !isAdopted(target)
      ? [{ do: 'patchPod', name: source.metadata.name, patch: givenUpPatch(source) } as const]
      : []),
    ...(isAdopted(target)
      ? []
      : [{ do: 'patchPod', name: target.metadata.name, patch: adoptionPatch(target, source, from) } as const]),
    ...(source ? [{ do: 'deletePod', pod: refOf(source) } as const] : []),
  ];
};
