import { setTimeout as sleep } from 'node:timers/promises';
import { workers } from '../../../lab/cluster.ts';
import type { KubeApi } from '../../../src/kube/api.ts';
import { lookForLeftovers } from '../leftovers/look.ts';
import type { Lane } from './lane.ts';
import type { Result } from './result.ts';

/**
 * The controller needs 40 s. The kubelet collects once a minute, and a sandbox only in a round after that of its
 * containers (kuberuntime_gc.go).
 */
const patienceMs = 180_000;
const pauseMs = 2_000;

interface Suspect {
  readonly run: number;
  readonly what: string;
}

/** What runs have left that may stay for a while. At the end all of it must have gone. */
export class Lingering {
  /** Finding → the first run after which it was there. */
  readonly #suspects = new Map<string, number>();

  /** Findings of one lane after a run: what is new was left by that run, what is not there any more has gone. */
  note(
    { number, source, target }: Pick<Result, 'number' | 'source' | 'target'>,
    found: readonly string[],
    lane: number,
  ): void {
    const mine = (what: string): boolean =>
      [source, target].some((node) => what.startsWith(`${node}: `)) || what.startsWith(`lane ${String(lane)}: `);
    const named = found.map((what) => (/^n\d+: /.test(what) ? what : `lane ${String(lane)}: ${what}`));
    for (const what of this.#suspects.keys()) if (mine(what) && !named.includes(what)) this.#suspects.delete(what);
    for (const what of named) if (!this.#suspects.has(what)) this.#suspects.set(what, number);
  }

  /** Waits until nothing of it is there any more, or nobody can be expected to wait longer. */
  async last(api: KubeApi, lanes: readonly Lane[]): Promise<readonly Suspect[]> {
    const deadline = Date.now() + patienceMs;
    const pair = workers.map(({ name }) => name);
    for (;;) {
      const found = await Promise.all(lanes.map(({ number }) => lookForLeftovers(api, { lane: number, pair })));
      const still = new Set(
        found.flatMap(({ lingering }, index) =>
          lingering.map((what) => (/^n\d+: /.test(what) ? what : `lane ${String(lanes[index]?.number)}: ${what}`)),
        ),
      );
      for (const what of this.#suspects.keys()) if (!still.has(what)) this.#suspects.delete(what);
      if (this.#suspects.size === 0 || Date.now() > deadline)
        return [...this.#suspects].map(([what, run]) => ({ run, what }));
      await sleep(pauseMs);
    }
  }
}
