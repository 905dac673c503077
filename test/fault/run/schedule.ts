import { workers } from '../../../lab/cluster.ts';
import type { Turn } from '../table/cells.ts';

/*
 * Two moves go on at a time, on nodes that they do not share, so that a fault of
 * one meets nothing of the other. A fault that touches the whole cluster has it
 * for itself.
 */

export type Couple = readonly [string, string];

/** How the workers can be divided between two lanes. */
export interface Division {
  readonly couples: readonly [Couple, Couple];
}

const named = (runtime: string): readonly string[] =>
  workers.filter((worker) => worker.runtime === runtime).map(({ name }) => name);
const [c1 = '', c2 = ''] = named('containerd');
const [d1 = '', d2 = ''] = named('docker');

/** Within each runtime, and across both. */
const divisions: { readonly within: Division; readonly across: Division } = {
  within: {
    couples: [
      [c1, c2],
      [d1, d2],
    ],
  },
  across: {
    couples: [
      [c1, d1],
      [c2, d2],
    ],
  },
};

const runtimeOf = (name: string): string => workers.find((worker) => worker.name === name)?.runtime ?? '';

/** Can the turn be taken on this couple, in one direction or the other? */
export const fits = ({ runtimes }: Turn, couple: Couple): boolean =>
  runtimes.toSorted().join() === couple.map(runtimeOf).toSorted().join();

/** Source and target of a turn on a couple; the pod may have to be brought to the source first. */
export const direct = (
  { runtimes: [sourceRuntime] }: Turn,
  [a, b]: Couple,
  at: string,
): { readonly source: string; readonly target: string } => {
  const other = (name: string): string => (name === a ? b : a);
  const isRight = runtimeOf(at) === sourceRuntime;
  const source = isRight ? at : other(at);
  return { source, target: other(source) };
};

/** What is to be done with one division of the workers. */
export interface Shift {
  readonly division: Division;
  /** Turns that both lanes share out among themselves, and after them those that one lane takes alone. */
  readonly shared: readonly Turn[];
  readonly alone: readonly Turn[];
}

/** Sorts turns so that the workers are divided anew as seldom as possible; within that, their order stays. */
export const shiftsOf = (turns: readonly Turn[]): readonly Shift[] =>
  [divisions.within, divisions.across]
    .map((division) => {
      const mine = turns.filter((turn) => division.couples.some((couple) => fits(turn, couple)));
      return {
        division,
        shared: mine.filter(({ cell }) => cell.fault.touches === 'pair'),
        alone: mine.filter(({ cell }) => cell.fault.touches === 'cluster'),
      };
    })
    .filter(({ shared, alone }) => shared.length + alone.length > 0);
