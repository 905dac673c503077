import { z } from 'zod';
import type { ReviewRequest } from './review.ts';

const dryRun = z.array(z.string()).nullish();

const options = z.looseObject({ dryRun }).nullish();

/**
 * Both versions are decoded: clients that still send v1beta1 exist, and a
 * webhook that reads only one of them breaks their drains during an upgrade
 * (foriequal0/pod-graceful-drain#31). The two have the same fields.
 */
const eviction = z.looseObject({
  apiVersion: z.enum(['policy/v1', 'policy/v1beta1']),
  kind: z.literal('Eviction'),
  metadata: z.looseObject({ name: z.string().optional(), namespace: z.string().optional() }).optional(),
  deleteOptions: z
    .looseObject({ dryRun, preconditions: z.looseObject({ uid: z.string().nullish() }).nullish() })
    .nullish(),
});

export interface EvictionRequest {
  readonly namespace: string;
  readonly name: string;
  readonly dryRun: boolean;
  /** The caller means this very pod and no other of that name. */
  readonly podUID: string | undefined;
}

const isDryRun = (given: readonly string[] | null | undefined): boolean => (given?.length ?? 0) > 0;

/** What the caller wants, or undefined when it is no eviction of a pod. */
export const evictionRequestOf = (request: ReviewRequest): EvictionRequest | undefined => {
  const read = eviction.safeParse(request.object);
  if (!read.success) return undefined;
  const { metadata, deleteOptions } = read.data;
  const name = request.name ?? metadata?.name;
  const namespace = request.namespace ?? metadata?.namespace;
  if (!name || !namespace) return undefined;
  const requested = options.safeParse(request.options);
  return {
    namespace,
    name,
    // It stands in three places: the request, its CreateOptions, and the DeleteOptions inside the Eviction,
    // which is the only one that older clients fill.
    dryRun: request.dryRun === true || isDryRun(requested.data?.dryRun) || isDryRun(deleteOptions?.dryRun),
    podUID: deleteOptions?.preconditions?.uid ?? undefined,
  };
};
