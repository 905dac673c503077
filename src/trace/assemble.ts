import { numberOf, type TraceEvent } from './event.ts';
import { inOneOrder } from './order.ts';
import { hostNames } from './process-name.ts';
import type { HostEvent, Trace } from './trace.ts';
import { countOf, merge, noClock, tick, type VectorClock } from './vector-clock.ts';

/** A process that is killed in the middle of a freeze leaves a dozen behind. Who claims more than this is not believed. */
const mostLost = 100;

type Line = ReadonlyMap<number, TraceEvent>;

/** The events of each process by their numbers. Of two of one number the first holds: logs come before annotations. */
const linesOf = (events: readonly TraceEvent[]): ReadonlyMap<string, Line> => {
  const lines = new Map<string, Map<number, TraceEvent>>();
  for (const event of events) {
    const line = lines.get(event.actor) ?? new Map<number, TraceEvent>();
    if (!line.has(numberOf(event))) line.set(numberOf(event), event);
    lines.set(event.actor, line);
  }
  return lines;
};

const without = (clock: VectorClock, isDoubtful: (process: string, count: number) => boolean): VectorClock =>
  Object.fromEntries(Object.entries(clock).filter(([process, count]) => !isDoubtful(process, count)));

type LineEvent = Omit<TraceEvent, 'migration'> & { readonly isLost?: true };

/** In place of one that no log has: it came after the one before it, and more is not known. */
const lostAfter = ({ clock, time }: Pick<LineEvent, 'clock' | 'time'>, process: string): LineEvent => ({
  actor: process,
  clock: tick(clock, process),
  label: 'did something that no log has',
  time,
  isLost: true,
});

const filled = (process: string, line: Line, count: number): readonly LineEvent[] => {
  const all: LineEvent[] = [];
  const first = line.get(Math.min(...line.keys()));
  const beginning = { clock: noClock, time: first?.time ?? '' };
  for (let number = 1; number <= count; number += 1)
    all.push(line.get(number) ?? lostAfter(all.at(-1) ?? beginning, process));
  return all;
};

const sorted = (names: Iterable<string>): readonly string[] => [...names].toSorted();

/**
 * Puts together what logs and the record have of one move. Whatever was lost is there as an event that says so, so that
 * the trace is whole; and what no process of ours can have written is left out and told of.
 *
 * @param known the clock in the record
 */
export const assemble = (move: Trace['move'], events: readonly TraceEvent[], known: VectorClock): Trace => {
  const lines = linesOf(events);
  const seen = (process: string): number => Math.max(0, ...(lines.get(process)?.keys() ?? []));
  const isDoubtful = (process: string, count: number): boolean => count > seen(process) + mostLost;
  const claims = [known, ...events.map(({ clock }) => clock)];
  const doubted = new Set(
    claims.flatMap((clock) => Object.entries(clock).flatMap(([p, c]) => (isDoubtful(p, c) ? p : []))),
  );
  const counts = claims.map((clock) => without(clock, isDoubtful)).reduce(merge, noClock);

  const whole = sorted(Object.keys(counts)).map((process) => ({
    process,
    events: filled(process, lines.get(process) ?? new Map(), countOf(counts, process)).map((event) => ({
      ...event,
      clock: without(event.clock, isDoubtful),
    })),
  }));
  const { ordered, rest } = inOneOrder<LineEvent>(whole);
  const all = [...ordered, ...rest];
  const names = hostNames([...new Set(all.map(({ actor }) => actor))]);
  const nameOf = (process: string): string => names.get(process) ?? process;
  return {
    move,
    hosts: [...names].map(([process, name]) => ({ name, process })),
    events: all.map(({ actor, clock, label, time, fields, isLost }): HostEvent => ({
      host: nameOf(actor),
      clock: Object.fromEntries(Object.entries(clock).map(([process, count]) => [nameOf(process), count])),
      ...{ label, time },
      ...(fields && { fields }),
      ...(isLost && { isLost }),
    })),
    doubts: [
      ...sorted(doubted).map((process) => `somebody claims events of ${process} that it cannot have had`),
      ...(rest.length > 0 ? ['the clocks of some events contradict each other: none of them can have been first'] : []),
    ],
  };
};
