import { z } from 'zod';

/*
 * admission.k8s.io/v1, as far as it is read. The answer must carry the uid of
 * the request, and goes out as HTTP 200 whatever it says: anything else counts
 * as a failure of the webhook, not as its verdict.
 */

const admissionApi = 'admission.k8s.io/v1';

const reviewRequest = z.looseObject({
  uid: z.string().min(1),
  namespace: z.string().optional(),
  name: z.string().optional(),
  operation: z.string().optional(),
  dryRun: z.boolean().nullish(),
  object: z.unknown().optional(),
  oldObject: z.unknown().optional(),
  options: z.unknown().optional(),
});
export type ReviewRequest = z.infer<typeof reviewRequest>;

const admissionReview = z.looseObject({
  apiVersion: z.literal(admissionApi),
  kind: z.literal('AdmissionReview'),
  request: reviewRequest,
});

export type Decoded = { readonly request: ReviewRequest } | { readonly malformed: string };

const placeOf = (path: readonly PropertyKey[]): string => (path.length > 0 ? path.map(String).join('.') : 'body');

/** Reads what the API server sent; the message names every place that is wrong. */
export const decodeReview = (body: unknown): Decoded => {
  const read = admissionReview.safeParse(body);
  if (read.success) return { request: read.data.request };
  const problems = read.error.issues.map((issue) => `${placeOf(issue.path)}: ${issue.message}`);
  return { malformed: `not an AdmissionReview of ${admissionApi}: ${problems.join('; ')}` };
};

/** The part of metav1.Status that a client acts on. */
export interface Denial {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
}

export interface PatchOperation {
  readonly op: 'add';
  readonly path: string;
  readonly value: unknown;
}

export interface Answer {
  readonly denial?: Denial | undefined;
  readonly warnings?: readonly string[] | undefined;
  readonly patch?: readonly PatchOperation[] | undefined;
}

/** The API server shortens warnings itself from 4 KiB on, all of one response together; a client shows the beginning. */
const longestWarning = 1000;

const shortened = (text: string): string =>
  text.length > longestWarning ? `${text.slice(0, longestWarning - 1)}…` : text;

const patchFields = (patch: readonly PatchOperation[] = []): object =>
  patch.length > 0 ? { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') } : {};

export const reviewOf = (uid: string, { denial, warnings, patch }: Answer): object => ({
  apiVersion: admissionApi,
  kind: 'AdmissionReview',
  response: {
    uid,
    allowed: denial === undefined,
    ...(denial && { status: { status: 'Failure', ...denial } }),
    ...(warnings && warnings.length > 0 && { warnings: warnings.map(shortened) }),
    ...patchFields(patch),
  },
});
