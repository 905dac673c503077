/** Numbers from 0 (included) to 1 (excluded), as from Math.random. */
export type Random = () => number;

export interface BackoffOptions {
  readonly minMs: number;
  readonly maxMs: number;
  readonly random: Random;
}

/**
 * Waits that grow by "decorrelated jitter": between the least and three times
 * the last. A thousand agents that lost one API server do not come back as one.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export class Backoff {
  readonly #options: BackoffOptions;
  #last: number;

  constructor(options: BackoffOptions) {
    this.#options = options;
    this.#last = options.minMs;
  }

  next(): number {
    const { minMs, maxMs, random } = this.#options;
    this.#last = Math.min(maxMs, minMs + random() * (this.#last * 3 - minMs));
    return this.#last;
  }

  reset(): void {
    this.#last = this.#options.minMs;
  }
}
