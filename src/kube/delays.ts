import type { Clock } from '../clock/clock.ts';

interface Delay {
  readonly at: number;
  readonly cancel: AbortController;
}

/** At most one pending moment for each key: the earliest that was asked for. */
export class Delays {
  readonly #clock: Clock;
  readonly #due: (text: string) => void;
  readonly #pending = new Map<string, Delay>();

  constructor(clock: Clock, due: (text: string) => void) {
    this.#clock = clock;
    this.#due = due;
  }

  set(text: string, ms: number): void {
    const at = this.#clock.now() + ms;
    const known = this.#pending.get(text);
    if (known && known.at <= at) return;
    known?.cancel.abort();
    const delay: Delay = { at, cancel: new AbortController() };
    this.#pending.set(text, delay);
    void this.#wait(text, delay, ms);
  }

  has(text: string): boolean {
    return this.#pending.has(text);
  }

  drop(text: string): void {
    this.#pending.get(text)?.cancel.abort();
    this.#pending.delete(text);
  }

  clear(): void {
    for (const delay of this.#pending.values()) delay.cancel.abort();
    this.#pending.clear();
  }

  async #wait(text: string, delay: Delay, ms: number): Promise<void> {
    try {
      await this.#clock.sleep(ms, delay.cancel.signal);
    } catch {
      return;
    }
    if (this.#pending.get(text) !== delay) return;
    this.#pending.delete(text);
    this.#due(text);
  }
}
