import { countOf, type VectorClock } from './vector-clock.ts';

interface Placed {
  readonly clock: VectorClock;
  readonly time: string;
}

interface Line<E> {
  readonly process: string;
  readonly events: readonly E[];
}

const isNext = ({ clock }: Placed, process: string, told: ReadonlyMap<string, number>): boolean =>
  Object.entries(clock).every(([other, count]) => count <= (told.get(other) ?? 0) + (other === process ? 1 : 0));

/**
 * One order for the events of several processes, in which none stands before one that it knows of; those that know
 * nothing of each other stand by their times. `rest` is what can stand nowhere: clocks that contradict each other.
 *
 * @param lines the events of each process in its own order, from its first and without a gap
 */
export const inOneOrder = <E extends Placed>(
  lines: readonly Line<E>[],
): { readonly ordered: readonly E[]; readonly rest: readonly E[] } => {
  const told = new Map<string, number>();
  const ordered: E[] = [];
  const heads = (): readonly { readonly process: string; readonly event: E }[] =>
    lines.flatMap(({ process, events }) => {
      const event = events[told.get(process) ?? 0];
      return event ? [{ process, event }] : [];
    });
  for (;;) {
    const [first] = heads()
      .filter(({ process, event }) => isNext(event, process, told))
      .toSorted((a, b) => a.event.time.localeCompare(b.event.time));
    if (!first) break;
    told.set(first.process, countOf(first.event.clock, first.process));
    ordered.push(first.event);
  }
  return { ordered, rest: lines.flatMap(({ process, events }) => events.slice(told.get(process) ?? 0)) };
};
