/**
 * Time as an argument: whatever waits or compares times is given a clock, so
 * that a test decides what time it is and no test sleeps.
 */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Whole milliseconds since some moment, by a clock that nobody sets: for differences only. */
  elapsed(): number;
  /** Resolves after `ms`; rejects with the signal's reason when that aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The time as the Kubernetes API writes it in `metav1.Time`: whole seconds. */
export const timestamp = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');

/** `metav1.MicroTime`, which must have six fraction digits: the API server refuses `.123Z` there. */
export const microTimestamp = (ms: number): string => new Date(ms).toISOString().replace(/(\.\d{3})Z$/, '$1000Z');
