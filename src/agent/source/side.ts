import { type Migration, phaseOf } from '../../api/migration.ts';
import { isFinished, mayFollow } from '../../api/phase.ts';
import { type Finding, ReasonedError, sentenceOf } from '../../api/reasons.ts';
import { findingOf } from '../blame.ts';
import { InDoubt } from './commit.ts';
import { MoveUndone, moveSource } from './move.ts';
import type { SourcePorts } from './ports.ts';
import { findSource, inspectSource } from './source-facts.ts';

const writeAttempts = 8;

/**
 * The node's part in moves away from it: looks at sources when the controller
 * asks, moves them when their target has arrived, and obeys the record.
 */
export interface SourceSide {
  /** Takes note of a Migration as it is now; never throws, works in the background. */
  onChange(migration: Migration): void;
  /** Aborts what has not committed and resolves when everything is settled. */
  close(reason: Error): Promise<void>;
}

interface Work {
  readonly kind: 'inspect' | 'move';
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/** Writes an end that is not the commit. Whoever ended the move first wins. */
const fail = async (ports: SourcePorts, migration: Migration, finding: Finding): Promise<void> => {
  let current = migration;
  for (let attempt = 0; attempt < writeAttempts; attempt += 1) {
    if (!mayFollow(phaseOf(current), 'Failed')) return;
    try {
      await ports.record.transition(current, { to: 'Failed', finding });
      return;
    } catch (error) {
      ports.log.warn({ error, migration: current.metadata.name }, 'Could not write the failure of a move, tries again');
      await ports.clock.sleep(100 * 2 ** attempt);
      current = await ports.record.read(current).catch(() => current); // the next attempt tells
    }
  }
};

const inspect = async (ports: SourcePorts, migration: Migration, signal: AbortSignal): Promise<void> => {
  const container = await findSource(ports.api, ports.runtime, migration, signal);
  const { status, findings } = await inspectSource(ports.runtime, migration, container);
  const [first] = findings;
  if (first) throw new ReasonedError(first.reason, sentenceOf(findings));
  const message = `Pod ${migration.metadata.namespace ?? ''}/${migration.spec.podName} can be dumped on node ${ports.here}`;
  await ports.record.note(
    migration,
    { type: 'Movable', status: 'True', reason: 'SourceInspected', message },
    { source: status },
    signal,
  );
};

/** The timings come from both clocks of the freeze, so they are written after it; the controller may write meanwhile. */
const writeTimings = async (ports: SourcePorts, committed: Migration): Promise<void> => {
  const timings = committed.status?.timings;
  for (let attempt = 0; timings && attempt < writeAttempts; attempt += 1) {
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

const move = async (
  ports: SourcePorts,
  migration: Migration,
  signal: AbortSignal,
  process: AbortSignal,
): Promise<void> => {
  const committed = await moveSource(ports, migration, signal, process);
  ports.log.info({ migration: committed.metadata.name, ...committed.status?.timings }, 'Moved a pod away');
  await writeTimings(ports, committed);
};

const isInspected = (migration: Migration): boolean =>
  migration.status?.conditions?.some((c) => c.type === 'Movable' && c.status === 'True') ?? false;

class Side implements SourceSide {
  readonly #ports: SourcePorts;
  readonly #work = new Map<string, Work>();
  readonly #process = new AbortController();

  constructor(ports: SourcePorts) {
    this.#ports = ports;
  }

  onChange(migration: Migration): void {
    if (migration.status?.source?.nodeName !== this.#ports.here) return;
    const phase = phaseOf(migration);
    if (phase === 'Inspecting' && !isInspected(migration)) this.#begin('inspect', migration);
    if (phase === 'Arrived') this.#begin('move', migration);
    if (isFinished(phase)) this.#abort(migration, `The Migration is ${phase}: ${migration.status.message ?? ''}`);
  }

  async close(reason: Error): Promise<void> {
    this.#process.abort(reason);
    for (const { abort } of this.#work.values()) abort.abort(reason);
    await Promise.all([...this.#work.values()].map((w) => w.done));
  }

  #abort(migration: Migration, why: string): void {
    this.#work.get(migration.metadata.uid)?.abort.abort(new ReasonedError('CommitRefused', why));
  }

  #begin(kind: Work['kind'], migration: Migration): void {
    const { uid, name } = migration.metadata;
    if (this.#work.get(uid)?.kind === kind || this.#process.signal.aborted) return;
    const abort = new AbortController();
    const task =
      kind === 'inspect'
        ? inspect(this.#ports, migration, abort.signal)
        : move(this.#ports, migration, abort.signal, this.#process.signal);
    const done = task
      .catch(async (error: unknown) => {
        this.#ports.log.warn({ error, migration: name, kind }, 'A move ended before its commit');
        if (error instanceof InDoubt) return;
        const undone = error instanceof MoveUndone;
        await fail(this.#ports, undone ? error.migration : migration, findingOf(undone ? error.cause : error));
      })
      .finally(() => {
        if (this.#work.get(uid)?.done === done) this.#work.delete(uid);
      });
    this.#work.set(uid, { kind, abort, done });
  }
}

export const openSourceSide = (ports: SourcePorts): SourceSide => new Side(ports);
