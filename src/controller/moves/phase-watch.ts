import { type Migration, phaseOf } from '../../api/migration.ts';
import type { Phase } from '../../api/phase.ts';
import type { Clock } from '../../clock/clock.ts';
import { isRemoved } from '../../migration/namesake/removal.ts';

interface Seen {
  readonly phase: Phase;
  readonly since: number;
}

/**
 * For how long this process has seen each Migration in its present phase. What cannot be taken back must not hang on the
 * time of day, which jumps when it is set; a controller that has just begun to look waits all the longer.
 */
export class PhaseWatch {
  readonly #clock: Pick<Clock, 'elapsed'>;
  readonly #seen = new Map<string, Seen>();
  readonly #removed = new Map<string, number>();

  constructor(clock: Pick<Clock, 'elapsed'>) {
    this.#clock = clock;
  }

  /** @returns milliseconds; 0 when it is seen in this phase for the first time. */
  see(migration: Migration): number {
    const { uid } = migration.metadata;
    const phase = phaseOf(migration);
    const now = this.#clock.elapsed();
    const seen = this.#seen.get(uid);
    if (seen?.phase === phase) return now - seen.since;
    this.#seen.set(uid, { phase, since: now });
    return 0;
  }

  /** @returns milliseconds for which the object of its source has been seen to be removed; 0 when it is not. */
  seeRemoval(migration: Migration): number {
    if (!isRemoved(migration)) return 0;
    const { uid } = migration.metadata;
    const now = this.#clock.elapsed();
    const since = this.#removed.get(uid) ?? now;
    this.#removed.set(uid, since);
    return now - since;
  }

  /** Nothing happens to it any more. */
  forget({ metadata: { uid } }: Migration): void {
    this.#seen.delete(uid);
    this.#removed.delete(uid);
  }
}
