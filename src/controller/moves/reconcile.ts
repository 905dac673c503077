import { type Migration, phaseOf } from '../../api/migration.ts';
import { isConflict, isNotFound, isOtherObject } from '../../kube/api-error.ts';
import type { Key } from '../../kube/api.ts';
import type { Outcome } from '../../kube/queue.ts';
import { decide } from '../../migration/decide.ts';
import { isHeld } from '../../migration/hold.ts';
import { hooksAreDone } from '../../migration/hooks/due.ts';
import { isOver } from '../../migration/status.ts';
import type { Step } from '../../migration/step.ts';
import { moveIn } from '../../trace/record.ts';
import { act, type Effect, LeaseTaken } from './act.ts';
import { gather } from './gather.ts';
import { recall } from './memory.ts';
import type { MovePorts } from './ports.ts';

/** The longest way without waiting for somebody is five rounds; the rest is for lost races. */
const mostRounds = 12;

/** Somebody else was faster: their write is what to decide from. */
const isLostRace = (error: unknown): boolean =>
  isConflict(error) || isNotFound(error) || isOtherObject(error) || error instanceof LeaseTaken;

const waitOf = (steps: readonly Step[]): number | undefined => {
  const waits = steps.flatMap((step) => (step.do === 'lookAgain' ? [step.afterMs] : []));
  return waits.length === 0 ? undefined : Math.min(...waits);
};

/**
 * Gather, decide, act, round after round, until it is somebody else's turn or
 * time has to pass. Moves that seem not to have to wait any longer are looked at
 * one after the other, so that two of them do not take the same room.
 */
export class MoveReconciler {
  readonly #ports: MovePorts;
  #admission: Promise<unknown> = Promise.resolve();

  constructor(ports: MovePorts) {
    this.#ports = ports;
  }

  async reconcile(key: Key, signal: AbortSignal): Promise<Outcome> {
    const cached = this.#ports.migrations.get(key);
    if (!cached || (isOver(cached) && !isHeld(cached))) return undefined;
    if (phaseOf(cached) !== 'Pending') return this.#rounds(key, signal);
    return this.#stillWaits(cached) ?? this.#admit(key, signal);
  }

  /** Hundreds may wait, and be looked at whenever one move ends: as long as nothing has to be done, the API server is not asked. */
  #stillWaits(cached: Migration): Outcome {
    const facts = recall(this.#ports, cached);
    const steps = facts && decide(facts, this.#ports.clock.now());
    return steps?.every((step) => step.do === 'lookAgain') ? { afterMs: waitOf(steps) } : undefined;
  }

  async #admit(key: Key, signal: AbortSignal): Promise<Outcome> {
    const before = this.#admission;
    const mine = before.then(() => this.#rounds(key, signal));
    this.#admission = mine.catch(() => undefined);
    return mine;
  }

  async #rounds(key: Key, signal: AbortSignal): Promise<Outcome> {
    let effect: Effect;
    for (let round = 0; round < mostRounds; round += 1) {
      const facts = await gather(this.#ports, key, signal);
      signal.throwIfAborted();
      if (!facts) return undefined;
      if (isOver(facts.migration) && hooksAreDone(facts.migration)) this.#forget(facts.migration);
      const steps = decide({ ...facts, created: effect?.created }, this.#ports.clock.now());
      if (steps.every((step) => step.do === 'lookAgain')) return { afterMs: waitOf(steps) };
      effect = await this.#act(steps, { ports: this.#ports, migration: facts.migration, signal });
      // It only waits for something now; what it waits for is told by a watch.
      const isWaiting =
        waitOf(steps) !== undefined &&
        steps.every((step) => step.do === 'lookAgain' || step.do === 'writeStatus' || step.do === 'notePod');
      if (isWaiting) return { afterMs: waitOf(steps) };
    }
    return { afterMs: 1_000 };
  }

  #forget(migration: Migration): void {
    this.#ports.phaseWatch.forget(migration);
    this.#ports.hooks.forget(migration);
  }

  async #act(steps: readonly Step[], context: Parameters<typeof act>[1]): Promise<Effect> {
    try {
      return await act(steps, context);
    } catch (error) {
      if (!isLostRace(error)) throw error;
      this.#ports.tracer.note(moveIn(context.migration), 'finds that somebody else was faster');
      return undefined;
    }
  }
}
