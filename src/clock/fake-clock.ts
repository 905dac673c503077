import type { Clock } from './clock.ts';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** Lets everything that is ready run, before the time goes on. Promise chains of ours are far shorter than this. */
export const settle = async (rounds = 20): Promise<void> => {
  for (let round = 0; round < rounds; round += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** A clock for tests: time stands still until `advance` is called. */
export class FakeClock implements Clock {
  #now: number;
  #start: number;
  #sleepers: Sleeper[] = [];

  constructor(now = Date.parse('2026-01-01T00:00:00Z')) {
    this.#now = this.#start = now;
  }

  now(): number {
    return this.#now;
  }

  elapsed(): number {
    return this.#now - this.#start;
  }

  /** Sets the time of day, as an administrator does; no time passes by it. Not while somebody sleeps. */
  set(now: number): void {
    this.#start += now - this.#now;
    this.#now = now;
  }

  /** How many are asleep now. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const onAbort = (): void => {
        this.#sleepers = this.#sleepers.filter((s) => s !== sleeper);
        reject(signal?.reason as Error);
      };
      const wake = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const sleeper: Sleeper = { until: this.#now + ms, wake };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Goes forward, waking each sleeper at its own moment and in order, so that what one starts the next can see. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let next = this.#earliest(end); next; next = this.#earliest(end)) {
      const sleeper = next;
      this.#now = Math.max(this.#now, sleeper.until);
      this.#sleepers = this.#sleepers.filter((s) => s !== sleeper);
      sleeper.wake();
      await settle();
    }
    this.#now = end;
  }

  #earliest(end: number): Sleeper | undefined {
    return this.#sleepers.filter((s) => s.until <= end).sort((a, b) => a.until - b.until)[0];
  }
}
