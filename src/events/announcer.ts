import type { Migration } from '../api/migration.ts';
import { migrations as migrationResource } from '../api/resource.ts';
import type { Clock } from '../clock/clock.ts';
import { isConflict, isNotFound } from '../kube/api-error.ts';
import type { Key, KubeApi } from '../kube/api.ts';
import { keyOf, keyText } from '../kube/lookup.ts';
import type { Outcome } from '../kube/queue.ts';
import type { Log } from '../log/log.ts';
import { messageOf } from './cloud-event.ts';
import { takenBefore, turnOf } from './ledger.ts';
import type { Sink } from './sink.ts';
import { mayBeFrozen, stepsOf } from './steps.ts';

export interface AnnouncerPorts {
  readonly api: Pick<KubeApi, 'patch'>;
  readonly clock: Pick<Clock, 'now' | 'elapsed'>;
  readonly log: Log;
}

/** A record that is removed as soon as its move is over has steps that were never sent; they are kept for so long. */
const keptMs = 10 * 60_000;
const mostKept = 1_000;

interface Told {
  migration: Migration;
  taken: number;
  /** When its record was removed, by a clock that nobody sets. */
  removedAt?: number;
  /** Ends what is being sent. */
  sending?: AbortController;
}

class Frozen extends Error {
  override readonly name = 'Frozen';
}

/**
 * Sends the steps of moves to one sink: of each move in order, one after the
 * other, each until the sink has taken it. A sink that is down is tried again, with
 * the delays of the queue, for as long as the record is kept. No move waits for it.
 */
export class Announcer {
  readonly #sink: Sink;
  readonly #ports: AnnouncerPorts;
  readonly #told = new Map<string, Told>();

  constructor(sink: Sink, ports: AnnouncerPorts) {
    this.#sink = sink;
    this.#ports = ports;
  }

  /** Takes note of a record as it is now; undefined when it is removed. */
  hear(key: Key, migration: Migration | undefined): void {
    const text = keyText(key);
    const known = this.#told.get(text);
    if (!migration) {
      if (known) known.removedAt ??= this.#ports.clock.elapsed();
      return;
    }
    if (known?.migration.metadata.uid === migration.metadata.uid) known.migration = migration;
    else this.#told.set(text, { migration, taken: takenBefore(migration, this.#sink.name) });
    if (mayBeFrozen(migration)) known?.sending?.abort(new Frozen('the pod may be frozen now'));
    this.#limit();
  }

  async announce(key: Key, signal: AbortSignal): Promise<Outcome> {
    const text = keyText(key);
    for (;;) {
      signal.throwIfAborted();
      const told = this.#told.get(text);
      if (!told || this.#isGivenUp(text, told)) return undefined;
      const turn = turnOf(told.migration, this.#sink.name, { taken: told.taken, now: this.#ports.clock.now() });
      if (turn.do === 'wait') return { afterMs: turn.afterMs };
      if (turn.do === 'send') await this.#send(told, turn.step, signal);
      else if (turn.do === 'note') return this.#note(told, turn.count, signal);
      else return this.#atRest(text, told);
    }
  }

  async #send(told: Told, step: ReturnType<typeof stepsOf>[number], signal: AbortSignal): Promise<void> {
    told.sending = new AbortController();
    try {
      await this.#sink.send(messageOf(told.migration, step), AbortSignal.any([signal, told.sending.signal]));
      told.taken = step.number + 1;
    } catch (error) {
      // Then it is held until the freeze is over, and sent again.
      if (!(error instanceof Frozen)) throw error;
    } finally {
      delete told.sending;
    }
  }

  /** Another write was first: its news makes us look again. */
  async #note(told: Told, count: number, signal: AbortSignal): Promise<Outcome> {
    const { migration } = told;
    if (told.removedAt !== undefined) return undefined;
    const { resourceVersion } = migration.metadata;
    const patch = { metadata: { resourceVersion }, status: { announced: { [this.#sink.name]: count } } };
    try {
      const key = keyOf(migration);
      told.migration = await this.#ports.api.patch(migrationResource, key, patch, { subresource: 'status' }, signal);
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
    return undefined;
  }

  #atRest(text: string, { removedAt }: Told): Outcome {
    if (removedAt !== undefined) this.#told.delete(text);
    return undefined;
  }

  #isGivenUp(text: string, { migration, taken, removedAt }: Told): boolean {
    if (removedAt === undefined || this.#ports.clock.elapsed() - removedAt < keptMs) return false;
    const unsent = stepsOf(migration).length - taken;
    this.#told.delete(text);
    if (unsent > 0)
      this.#ports.log.warn(
        { sink: this.#sink.name, migration: keyOf(migration), unsent },
        'Gave up events of a Migration that does not exist any more',
      );
    return true;
  }

  /** Those whose records are gone, the oldest first: what is there is bounded by the API server. */
  #limit(): void {
    if (this.#told.size <= mostKept) return;
    for (const [text, { removedAt }] of this.#told)
      if (removedAt !== undefined && this.#told.size > mostKept) this.#told.delete(text);
  }
}
