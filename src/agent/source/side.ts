import { type Migration, phaseOf } from '../../api/migration.ts';
import { isCommitted } from '../../api/phase.ts';
import { notBeforeOf } from '../../migration/deadline.ts';
import { hooksAreDone } from '../../migration/hooks/due.ts';
import { isDueForFarewell } from '../../migration/namesake/farewell.ts';
import { conditionOf } from '../../migration/status.ts';
import { SourceAttempt } from './attempt.ts';
import { farewell } from './farewell.ts';
import { inspect } from './inspect.ts';
import type { SourcePorts } from './ports.ts';

const writeAttempts = 8;
const partAgainMs = 5_000;

/** How long an agent that is to stop may take for what it cannot take back; less than the grace period of its pod. */
const settleLimitMs = 22_000;

/**
 * The node's part in moves away from it: looks at sources when the controller
 * asks, moves them when their target has arrived, and obeys the record.
 */
export interface SourceSide {
  /** Takes note of a Migration as it is now; never throws, works in the background. */
  onChange(migration: Migration): void;
  /** Carries an attempt through that another process has left. Resolves when it is over. */
  takeOver(attempt: SourceAttempt, migrationUID: string): Promise<void>;
  /** Takes back what is not frozen, finishes the rest, and resolves when everything is settled. */
  close(reason: Error): Promise<void>;
}

/** The timings come from both clocks of the freeze, so they are written after it; the controller may write meanwhile. */
const writeTimings = async (ports: SourcePorts, committed: Migration): Promise<void> => {
  const timings = committed.status?.timings;
  for (let attempt = 0; timings?.freezeMs !== undefined && attempt < writeAttempts; attempt += 1) {
    try {
      const current = await ports.record.read(committed);
      await ports.record.note(current, undefined, { timings });
      return;
    } catch (error) {
      ports.log.warn(
        { error, migration: committed.metadata.name },
        'Could not write the timings of a move, tries again',
      );
      await ports.clock.sleep(50 * 2 ** attempt);
    }
  }
};

const isInspected = (migration: Migration): boolean => conditionOf(migration, 'Movable')?.status === 'True';

interface Inspection {
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

interface Running {
  readonly attempt: SourceAttempt;
  readonly done: Promise<void>;
}

class Side implements SourceSide {
  readonly #ports: SourcePorts;
  readonly #inspections = new Map<string, Inspection>();
  readonly #attempts = new Map<string, Running>();
  /** When a move has to be looked at again. */
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #farewells = new Map<string, Promise<void>>();
  readonly #latest = new Map<string, Migration>();
  readonly #process = new AbortController();
  #isStopping = false;

  constructor(ports: SourcePorts) {
    this.#ports = ports;
  }

  onChange(migration: Migration): void {
    if (migration.status?.source?.nodeName !== this.#ports.here) return;
    this.#latest.set(migration.metadata.uid, migration);
    this.#attempts.get(migration.metadata.uid)?.attempt.hear(migration);
    this.#look(migration.metadata.uid);
  }

  takeOver(attempt: SourceAttempt, migrationUID: string): Promise<void> {
    return this.#run(attempt, migrationUID);
  }

  async close(reason: Error): Promise<void> {
    this.#isStopping = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const { abort } of this.#inspections.values()) abort.abort(reason);
    for (const { attempt } of this.#attempts.values()) attempt.stop(reason);
    const limit = setTimeout(() => this.#process.abort(reason), settleLimitMs);
    await Promise.all([...this.#inspections.values(), ...this.#attempts.values()].map(({ done }) => done));
    await Promise.all(this.#farewells.values());
    clearTimeout(limit);
  }

  /** Whose turn is it, by what was heard last? */
  #look(uid: string): void {
    const migration = this.#latest.get(uid);
    if (!migration || this.#isStopping || this.#attempts.has(uid)) return;
    const phase = phaseOf(migration);
    if (phase === 'Inspecting' && !isInspected(migration)) this.#inspect(migration);
    if (phase === 'Arrived') this.#beginInTime(migration);
    this.#partIfDue(migration);
    // Nobody here is at it, so a process before this one was: it had claimed the record, and left nothing else.
    if (phase === 'Moving') void this.#run(SourceAttempt.abandoned(this.#ports, migration), uid);
    if (phase !== 'Inspecting') this.#inspections.get(uid)?.abort.abort(new Error(`The Migration is ${phase}`));
  }

  #beginInTime(migration: Migration): void {
    // The controller runs them, and its news of the last one brings us here again.
    if (!hooksAreDone(migration)) return;
    const { uid } = migration.metadata;
    clearTimeout(this.#timers.get(uid));
    const waitMs = notBeforeOf(migration) - this.#ports.clock.now();
    if (waitMs <= 0) void this.#run(SourceAttempt.begin(this.#ports, migration), uid);
    else this.#lookLater(uid, waitMs);
  }

  #lookLater(uid: string, waitMs: number): void {
    clearTimeout(this.#timers.get(uid));
    this.#timers.set(
      uid,
      setTimeout(() => this.#look(uid), waitMs),
    );
  }

  #inspect(migration: Migration): void {
    const { uid } = migration.metadata;
    if (this.#inspections.has(uid)) return;
    const abort = new AbortController();
    const done = inspect(this.#ports, migration, abort.signal).finally(() => {
      this.#inspections.delete(uid);
    });
    this.#inspections.set(uid, { abort, done });
  }

  /** The controller waits for it, so what fails is tried again, as long as the record asks for it. */
  #partIfDue(migration: Migration): void {
    const { uid, name } = migration.metadata;
    if (this.#farewells.has(uid) || !isDueForFarewell(migration)) return;
    const done = farewell(this.#ports, migration, this.#process.signal)
      .catch((error: unknown) => {
        this.#ports.log.error({ error, migration: name }, 'Could not let go of a source whose move has failed');
        if (!this.#isStopping) this.#lookLater(uid, partAgainMs);
      })
      .finally(() => {
        this.#farewells.delete(uid);
      });
    this.#farewells.set(uid, done);
  }

  #run(attempt: SourceAttempt, uid: string): Promise<void> {
    const done = this.#carry(attempt).finally(() => {
      this.#attempts.delete(uid);
      const migration = this.#latest.get(uid);
      if (migration && phaseOf(migration) !== 'Moving') this.#look(uid);
    });
    this.#attempts.set(uid, { attempt, done });
    return done;
  }

  async #carry(attempt: SourceAttempt): Promise<void> {
    try {
      const record = await attempt.run(this.#process.signal);
      if (record.status && isCommitted(record.status.phase)) {
        this.#ports.log.info({ migration: record.metadata.name, ...record.status.timings }, 'Moved a pod away');
        await writeTimings(this.#ports, record);
      }
    } catch (error) {
      this.#ports.log.error({ error }, 'An attempt ended with an error that it has not dealt with');
    }
  }
}

export const openSourceSide = (ports: SourcePorts): SourceSide => new Side(ports);
