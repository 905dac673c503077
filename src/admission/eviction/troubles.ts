import type { Clock } from '../../clock/clock.ts';
import type { Trouble } from './facts.ts';

/** Whoever drains asks again within seconds; the trouble of a drain that was given up says nothing about a later one. */
const forgetMs = 600_000;
const most = 2_000;

interface Remembered extends Trouble {
  readonly last: number;
}

/** What went wrong when Migrations were to be made, by the UIDs of their pods, for the next answer about them. */
export class Troubles {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #known = new Map<string, Remembered>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  of(uid: string): Trouble | undefined {
    const trouble = this.#known.get(uid);
    return trouble && this.#clock.now() - trouble.last < forgetMs ? trouble : undefined;
  }

  /** One that goes on is as old as when it began. */
  note(uid: string, { why, isRefusal }: Pick<Trouble, 'why' | 'isRefusal'>): void {
    const now = this.#clock.now();
    const before = this.of(uid);
    const since = before?.isRefusal === isRefusal ? before.since : now;
    this.#known.delete(uid);
    this.#known.set(uid, { why, isRefusal, since, last: now });
    const oldest = this.#known.keys().next();
    if (this.#known.size > most && !oldest.done) this.#known.delete(oldest.value);
  }

  forget(uid: string): void {
    this.#known.delete(uid);
  }
}
