import type { Node } from '../../api/pod.ts';
import type { Clock } from '../../clock/clock.ts';
import type { Key } from '../../kube/api.ts';
import type { Lookup } from '../../kube/lookup.ts';
import type { Outcome } from '../../kube/queue.ts';
import {
  afterAttempt,
  type Attempts,
  attemptsAmong,
  dueEvictions,
  nextLook,
} from '../../migration/emptying/evictions.ts';
import { type Fated, fatesOf } from '../../migration/emptying/fate.ts';
import { decideMoves, type MoveStep } from '../../migration/emptying/moves.ts';
import { reportOf } from '../../migration/emptying/report.ts';
import { evict, type Hands, publish, takeStep } from './act.ts';
import { factsOf, type KnownOfNodes } from './gather.ts';

export interface EmptyingPorts extends KnownOfNodes, Hands {
  readonly nodes: Lookup<Node>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Until a Migration that had to go is gone (its finalizer is the mover's to take away), and at least between two passes. */
const lookAgainMs = 1_000;

/** Empties a node while it is cordoned or decommissioned, and takes that back, as far as it can be, when it is not. */
export class EmptyingReconciler {
  readonly #ports: EmptyingPorts;
  /** Evictions that have to be tried again, by node. */
  readonly #attempts = new Map<string, Attempts>();

  constructor(ports: EmptyingPorts) {
    this.#ports = ports;
  }

  async reconcile(key: Key, signal: AbortSignal): Promise<Outcome> {
    const node = this.#ports.nodes.get(key);
    if (!node) {
      this.#attempts.delete(key.name);
      return undefined;
    }
    const context = { hands: this.#ports, node, signal };
    const facts = factsOf(node, this.#ports);
    const steps = decideMoves(facts);
    for (const step of steps) await takeStep(step, context);
    const fated = fatesOf(facts, this.#now());
    const attempts = await this.#evict(fated, context);
    // After the evictions, because what they were refused for is among what there is to tell.
    const report = reportOf(node, fated, { attempts, now: this.#now() });
    if (report) await publish(report, context);
    return this.#outcome(steps, nextLook(fated, attempts));
  }

  async #evict(fated: readonly Fated[], context: Parameters<typeof evict>[1]): Promise<Attempts> {
    const { name } = context.node.metadata;
    let attempts = attemptsAmong(fated, this.#attempts.get(name) ?? new Map(), this.#now());
    try {
      for (const pod of dueEvictions(fated, attempts, this.#now()))
        attempts = afterAttempt(attempts, pod, this.#now(), await evict(pod, context));
    } finally {
      if (attempts.size > 0) this.#attempts.set(name, attempts);
      else this.#attempts.delete(name);
    }
    return attempts;
  }

  #outcome(steps: readonly MoveStep[], next: number | undefined): Outcome {
    const waits = [
      ...(steps.some((step) => step.do === 'move' && step.instead) ? [lookAgainMs] : []),
      ...(next === undefined ? [] : [Math.max(lookAgainMs, next - this.#now())]),
    ];
    return waits.length === 0 ? undefined : { afterMs: Math.min(...waits) };
  }

  #now(): number {
    return this.#ports.clock.now();
  }
}
