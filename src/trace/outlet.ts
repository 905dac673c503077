import type { TraceEvent } from './event.ts';

/** A freeze that lasts longer than this is one that somebody looks into. */
const longestHoldMs = 20_000;
const mostWaiting = 1_000;
/** What a step back needs until the pod runs again: it follows on the word that ends the freeze. */
const restMs = 100;

/**
 * Where events go out. While a pod stands still they wait: to write a line takes longer than to note an event, and nothing
 * is done in a freeze that can be done after it. What waits is lost with a process that is killed.
 */
export class Outlet {
  readonly #write: (event: TraceEvent) => void;
  readonly #holding = new Set<string>();
  #waiting: TraceEvent[] = [];
  #limit: NodeJS.Timeout | undefined;

  constructor(write: (event: TraceEvent) => void) {
    this.#write = write;
  }

  put(event: TraceEvent): void {
    if (this.#holding.size === 0 && this.#waiting.length === 0) this.#write(event);
    else this.#waiting.push(event);
    if (this.#waiting.length >= mostWaiting) this.flush();
  }

  /** The pod of this move stands still. */
  hold(move: string): void {
    this.#holding.add(move);
    this.#limit ??= setTimeout(() => this.flush(), longestHoldMs).unref();
  }

  /** It does not any more. */
  release(move: string): void {
    if (!this.#holding.delete(move) || this.#holding.size > 0) return;
    setTimeout(() => {
      if (this.#holding.size === 0) this.flush();
    }, restMs).unref();
  }

  flush(): void {
    clearTimeout(this.#limit);
    this.#limit = undefined;
    this.#holding.clear();
    for (const event of this.#waiting.splice(0)) this.#write(event);
  }
}
