/*
 * Whether a program ran twice. Every number that it takes is told once, so the
 * numbers of one instance, in the order in which they came, only grow, whatever
 * node they came from. A second copy has to begin with a number that the first
 * has told, or to tell one later that the first has passed.
 */

export interface Tick {
  readonly at: number;
  readonly node: string;
  readonly secret: string;
  readonly tick: number;
}

export interface Fork {
  readonly at: number;
  readonly what: string;
}

/** Two datagrams of one node may overtake each other on their way through two processors, by no more than this. */
const overtaking = 64;

interface Life {
  readonly since: number;
  /** The latest number, and where it was told. */
  highest: number;
  node: string;
  lastAt: number;
  /** Numbers below the highest that have been told, as far back as overtaking goes. */
  readonly recent: Set<number>;
}

const describe = (secret: string, { tick, node }: Tick, life: Life): Omit<Fork, 'at'> => ({
  what: `instance ${secret.slice(0, 8)} told ${String(tick)} on ${node} after it had told ${String(life.highest)} on ${life.node}`,
});

/** All that one lane's program has told so far. */
export class Instances {
  readonly #lives = new Map<string, Life>();

  /** Takes note of a tick; returns a fork when no single instance can have told it. */
  see(tick: Tick): Fork | undefined {
    const life = this.#lives.get(tick.secret);
    if (!life) {
      this.#lives.set(tick.secret, {
        since: tick.at,
        highest: tick.tick,
        node: tick.node,
        lastAt: tick.at,
        recent: new Set([tick.tick]),
      });
      return undefined;
    }
    const fork = tick.tick > life.highest ? undefined : this.#late(tick, life);
    if (tick.tick > life.highest) {
      life.highest = tick.tick;
      life.node = tick.node;
    }
    life.lastAt = tick.at;
    life.recent.add(tick.tick);
    for (const old of life.recent) {
      if (old >= life.highest - overtaking) break;
      life.recent.delete(old);
    }
    return fork;
  }

  /** The secrets in the order in which they were first seen. */
  secrets(): readonly string[] {
    return [...this.#lives.keys()];
  }

  /** Where an instance told its latest number, and when it last told one. */
  latest(secret: string): { readonly node: string; readonly tick: number; readonly at: number } | undefined {
    const life = this.#lives.get(secret);
    return life && { node: life.node, tick: life.highest, at: life.lastAt };
  }

  /** When an instance was first seen. */
  since(secret: string): number {
    return this.#lives.get(secret)?.since ?? Number.POSITIVE_INFINITY;
  }

  #late(tick: Tick, life: Life): Fork | undefined {
    const overtaken = tick.node === life.node && tick.tick >= life.highest - overtaking && !life.recent.has(tick.tick);
    return overtaken ? undefined : { at: tick.at, ...describe(tick.secret, tick, life) };
  }
}
