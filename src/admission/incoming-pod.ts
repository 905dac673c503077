import { z } from 'zod';
import { type Pod, podSpec } from '../api/pod.ts';
import { metadata } from '../api/metadata.ts';
import type { ReviewRequest } from './review.ts';

/** A pod on its way in: it may have no name yet (generateName), no UID, and never a status. */
const incoming = z.looseObject({
  metadata: metadata.pick({ annotations: true, labels: true, ownerReferences: true }).extend({
    name: z.string().optional(),
    generateName: z.string().optional(),
  }),
  spec: podSpec,
});

/** The pod as the checks of eligibility take it, or undefined when it cannot be read. */
export const incomingPodOf = ({ object, namespace }: ReviewRequest): Pod | undefined => {
  const read = incoming.safeParse(object);
  if (!read.success) return undefined;
  const { spec, metadata: given } = read.data;
  const name = given.name ?? given.generateName ?? '';
  return { metadata: { ...given, name, namespace, uid: '', resourceVersion: '' }, spec };
};
