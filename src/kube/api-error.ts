import { z } from 'zod';

/** The API server's `Status` object, as far as it matters to us. */
const status = z.object({
  reason: z.string().optional(),
  message: z.string().optional(),
  details: z
    .object({
      retryAfterSeconds: z.number().optional(),
      causes: z.array(z.object({ message: z.string().optional() })).optional(),
    })
    .optional(),
});

export interface ApiErrorFacts {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly retryAfterSeconds?: number | undefined;
  /** What the message leaves out, for example the very disruption budget. */
  readonly causes?: readonly string[];
}

/** The API server answered, and the answer was no. A transport's error is never one of these. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly retryAfterSeconds: number | undefined;
  readonly causes: readonly string[];

  constructor(facts: ApiErrorFacts) {
    super(facts.message);
    this.name = 'ApiError';
    this.code = facts.code;
    this.reason = facts.reason;
    this.retryAfterSeconds = facts.retryAfterSeconds;
    this.causes = facts.causes ?? [];
  }
}

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};

/** Reads an answer that is not a 2xx. A proxy in between may answer with anything, so the body may be no Status at all. */
export const apiErrorFrom = (code: number, body: string): ApiError => {
  const read = status.safeParse(parsed(body));
  const facts = read.success ? read.data : {};
  return new ApiError({
    code,
    reason: facts.reason ?? '',
    message: facts.message ?? `the API server answered ${code}: ${body.slice(0, 200)}`,
    retryAfterSeconds: facts.details?.retryAfterSeconds,
    causes: facts.details?.causes?.flatMap(({ message }) => message ?? []) ?? [],
  });
};

const hasCode = (error: unknown, code: number): error is ApiError => error instanceof ApiError && error.code === code;

export const isNotFound = (error: unknown): error is ApiError => hasCode(error, 404);

/** Rights or an admission policy forbid it; the message says which. */
export const isForbidden = (error: unknown): error is ApiError => hasCode(error, 403);

/** Another writer was first, or a precondition did not hold. Read again, decide again. */
export const isConflict = (error: unknown): error is ApiError =>
  hasCode(error, 409) && error.reason !== 'AlreadyExists';

export const isAlreadyExists = (error: unknown): error is ApiError =>
  hasCode(error, 409) && error.reason === 'AlreadyExists';

/** A patch named the UID of another object than the one that has the name now. The API server calls that changing the UID (seen with 1.37). */
export const isOtherObject = (error: unknown): error is ApiError =>
  hasCode(error, 422) && error.message.includes('metadata.uid');

/** The resourceVersion is older than what the server remembers: list again. */
export const isGone = (error: unknown): error is ApiError => hasCode(error, 410);

export const isTooManyRequests = (error: unknown): error is ApiError => hasCode(error, 429);

/** The server, not the request, was at fault; the same request may succeed later. */
export const isServerTrouble = (error: unknown): error is ApiError => error instanceof ApiError && error.code >= 500;

/** The server understood the request and will refuse it every time: there is no use in repeating it. */
export const isRefused = (error: unknown): error is ApiError =>
  hasCode(error, 400) || hasCode(error, 403) || hasCode(error, 413) || hasCode(error, 422);
