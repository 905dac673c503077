import { z } from 'zod';
import type { ReviewRequest } from '../review.ts';

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

type Eviction = z.infer<typeof eviction>;

const names = (given: readonly string[] | null | undefined): number => given?.length ?? 0;

/**
 * It stands in three places: the request, its CreateOptions, and the
 * DeleteOptions inside the Eviction, which is the only one that older clients fill.
 */
const isDryRun = (request: ReviewRequest, { deleteOptions }: Eviction): boolean => {
  const requested = options.safeParse(request.options).data?.dryRun;
  return request.dryRun === true || names(requested) > 0 || names(deleteOptions?.dryRun) > 0;
};

/** The request names the pod; the Eviction inside it may leave that out. */
const keyOf = (request: ReviewRequest, { metadata }: Eviction) => ({
  namespace: request.namespace ?? metadata?.namespace,
  name: request.name ?? metadata?.name,
});

/** What the caller wants, or undefined when it is no eviction of a pod. */
export const evictionRequestOf = (request: ReviewRequest): EvictionRequest | undefined => {
  const read = eviction.safeParse(request.object);
  if (!read.success) return undefined;
  const { namespace, name } = keyOf(request, read.data);
  if (!name || !namespace) return undefined;
  const podUID = read.data.deleteOptions?.preconditions?.uid ?? undefined;
  return { namespace, name, dryRun: isDryRun(request, read.data), podUID };
};
