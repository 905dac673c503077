import { z } from 'zod';
import { ownerReference } from '../../api/metadata.ts';
import { adoptionAnnotation } from '../../api/names.ts';
import type { Pod } from '../../api/pod.ts';
import { jobTracking } from './job.ts';

const heldBack = z.object({
  labels: z.record(z.string(), z.string()),
  ownerReferences: z.array(ownerReference),
  finalizers: z.array(z.string()).optional(),
});

/** What a target must not have before it is its owner's: the owner itself, what it selects by, and what it counts by. */
export type HeldBack = z.infer<typeof heldBack>;

/** The labels by which a Deployment's ReplicaSets, and Jobs, tell their pods apart; the last is the Jobs' from before 1.27. */
const ofOwners: readonly string[] = ['pod-template-hash', 'batch.kubernetes.io/controller-uid', 'controller-uid'];

/** Any other owner selects by labels that we do not know, so then none is given. */
const labelsFrom = ({ metadata: { labels = {} } }: Pod): Readonly<Record<string, string>> => {
  const known = Object.entries(labels).filter(([name]) => ofOwners.includes(name));
  return known.length > 0 ? Object.fromEntries(known) : labels;
};

export const heldBackFrom = (source: Pod): HeldBack => {
  const finalizers = source.metadata.finalizers?.filter((finalizer) => finalizer === jobTracking) ?? [];
  return {
    labels: labelsFrom(source),
    ownerReferences: source.metadata.ownerReferences ?? [],
    ...(finalizers.length > 0 && { finalizers }),
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
export const remembered = (target: Pod, source: Pod | undefined): HeldBack => {
  const noted = heldBack.safeParse(parsed(target.metadata.annotations?.[adoptionAnnotation]));
  if (noted.success) return noted.data;
  return source ? heldBackFrom(source) : { labels: {}, ownerReferences: [] };
};
