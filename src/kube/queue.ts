import type { Clock } from '../clock/clock.ts';
import type { Log } from '../log/log.ts';
import type { Key } from './api.ts';
import type { Random } from './backoff.ts';
import { Delays } from './delays.ts';
import { keyText } from './lookup.ts';

/** What one look at an object came to: undefined, or a wish to look again later. */
export type Outcome = { readonly afterMs?: number | undefined } | undefined;

export type Reconcile = (key: Key, signal: AbortSignal) => Promise<Outcome>;

export interface QueueOptions {
  readonly reconcile: Reconcile;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly workers: number;
}

const firstRetryMs = 200;
const longestRetryMs = 30_000;

/**
 * Keys that wait to be looked at. A key waits once however often it is added,
 * is never worked on twice at the same time, and is put back with growing
 * delay when its work fails. Only keys travel: what has changed is read again.
 */
export class KeyedQueue {
  readonly #options: QueueOptions;
  readonly #keys = new Map<string, Key>();
  readonly #waiting = new Set<string>();
  readonly #active = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #delays: Delays;
  #wake = Promise.withResolvers<undefined>();

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#delays = new Delays(options.clock, (text) => {
      this.#waiting.add(text);
      this.#signal();
    });
  }

  add(key: Key): void {
    const text = keyText(key);
    this.#keys.set(text, key);
    this.#delays.drop(text);
    this.#waiting.add(text);
    this.#signal();
  }

  addAfter(key: Key, ms: number): void {
    const text = keyText(key);
    this.#keys.set(text, key);
    this.#delays.set(text, ms);
  }

  /** Works until the signal aborts; returns when the last worker has stopped. */
  async run(signal: AbortSignal): Promise<void> {
    const onAbort = (): void => {
      this.#signal();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await Promise.all(Array.from({ length: this.#options.workers }, () => this.#work(signal)));
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#delays.clear();
    }
  }

  async #work(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const text = this.#take();
      if (text === undefined) await this.#wake.promise;
      else await this.#one(text, signal);
    }
  }

  #take(): string | undefined {
    for (const text of this.#waiting) {
      if (this.#active.has(text)) continue;
      this.#waiting.delete(text);
      return text;
    }
    return undefined;
  }

  async #one(text: string, signal: AbortSignal): Promise<void> {
    const key = this.#keys.get(text);
    if (!key) return;
    this.#active.add(text);
    try {
      const outcome = await this.#options.reconcile(key, signal);
      this.#failures.delete(text);
      if (outcome?.afterMs !== undefined) this.#delays.set(text, outcome.afterMs);
    } catch (error) {
      if (!signal.aborted) this.#again(text, error);
    } finally {
      this.#active.delete(text);
      // A key that came while it was worked on still waits; another worker may be idle.
      if (this.#waiting.has(text)) this.#signal();
      else if (!this.#failures.has(text)) this.#forget(text);
    }
  }

  #again(text: string, error: unknown): void {
    const failures = (this.#failures.get(text) ?? 0) + 1;
    this.#failures.set(text, failures);
    const most = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(failures - 1, 20));
    const afterMs = most / 2 + (this.#options.random() * most) / 2;
    this.#options.log.warn(
      { error, key: text, failures, afterMs: Math.round(afterMs) },
      'Failed to reconcile, will retry',
    );
    this.#delays.set(text, afterMs);
  }

  #forget(text: string): void {
    if (!this.#delays.has(text)) this.#keys.delete(text);
  }

  #signal(): void {
    this.#wake.resolve(undefined);
    this.#wake = Promise.withResolvers();
  }
}
