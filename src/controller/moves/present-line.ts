import type { Migration } from '../../api/migration.ts';
import type { Pod } from '../../api/pod.ts';
import type { Clock } from '../../clock/clock.ts';
import type { Lookup } from '../../kube/lookup.ts';
import { lineAmong } from '../../migration/queue/limits.ts';
import type { Line } from '../../migration/queue/line.ts';
import type { PolicyOf } from '../policies/choice.ts';
import type { OwnWrites } from './own-writes.ts';

export interface LinePorts {
  readonly migrations: Lookup<Migration>;
  readonly pods: Lookup<Pod>;
  readonly policyOf: PolicyOf;
  readonly ownWrites: OwnWrites;
  readonly clock: Pick<Clock, 'now' | 'elapsed'>;
}

/** Pods and policies change, too, and waiting takes time; nobody has to hear of that at once. */
const freshMs = 1_000;

interface Formed {
  readonly line: Line;
  readonly cached: readonly Migration[];
  readonly writes: number;
  readonly at: number;
}

/** The line of all moves that wait, from memory: formed anew when a Migration has changed, by us or by anybody, and after a second. */
export class PresentLine {
  readonly #ports: LinePorts;
  #formed: Formed | undefined;

  constructor(ports: LinePorts) {
    this.#ports = ports;
  }

  get(): Line {
    const { migrations, pods, policyOf, ownWrites, clock } = this.#ports;
    const [cached, writes, at] = [migrations.items(), ownWrites.count, clock.elapsed()];
    const known = this.#formed;
    if (known?.cached === cached && known.writes === writes && at - known.at < freshMs) return known.line;
    const podOf = ({ metadata: { namespace }, spec }: Migration) => pods.get({ namespace, name: spec.podName });
    const line = lineAmong(ownWrites.over(cached), { podOf, policyOf }, clock.now());
    this.#formed = { line, cached, writes, at };
    return line;
  }
}
