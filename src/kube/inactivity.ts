import type { Clock } from '../clock/clock.ts';

/** Aborts its signal when `touch` has not been called for a while. A half-open connection says nothing, for ever. */
export class Inactivity implements Disposable {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #abort = new AbortController();
  readonly #done = new AbortController();
  #last: number;

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#last = clock.now();
    void this.#watch();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  touch(): void {
    this.#last = this.#clock.now();
  }

  [Symbol.dispose](): void {
    this.#done.abort();
  }

  async #watch(): Promise<void> {
    try {
      for (let left = this.#limitMs; left > 0; left = this.#last + this.#limitMs - this.#clock.now()) {
        await this.#clock.sleep(left, this.#done.signal);
      }
      this.#abort.abort(new Error(`nothing was heard for ${this.#limitMs} ms`));
    } catch {
      // Disposed: nobody waits for the signal any more.
    }
  }
}
