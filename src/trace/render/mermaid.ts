import type { HostEvent, Trace } from '../trace.ts';
import { countOf, noClock, type VectorClock } from '../vector-clock.ts';

/** Mermaid ends a text at a semicolon and begins an entity at a number sign. */
const plain = (text: string): string => text.replaceAll(/[\s;#<>{}%]+/g, ' ').trim();

const sender = (host: string, number: number): string => `${host} ${number}`;

/** Those of which an event hears, itself and not through another of them. */
const heardOf = (
  event: HostEvent,
  before: VectorClock,
  clocks: ReadonlyMap<string, VectorClock>,
): readonly string[] => {
  const news = Object.entries(event.clock).filter(
    ([host, count]) => host !== event.host && count > countOf(before, host),
  );
  const isToldBy = (host: string, count: number): boolean =>
    news.some(
      ([other, number]) => other !== host && countOf(clocks.get(sender(other, number)) ?? noClock, host) >= count,
    );
  return news.filter(([host, count]) => !isToldBy(host, count)).map(([host]) => host);
};

/** A sequence diagram: an arrow for each event that hears of another actor's, a note for one that does not. */
export const mermaidDiagram = ({ hosts, events }: Trace): readonly string[] => {
  const idOf = new Map(hosts.map(({ name }, index) => [name, `h${index + 1}`]));
  const id = (host: string): string => idOf.get(host) ?? '';
  const clocks = new Map(events.map((event) => [sender(event.host, countOf(event.clock, event.host)), event.clock]));
  const latest = new Map<string, VectorClock>();
  const lines = events.flatMap((event) => {
    const from = heardOf(event, latest.get(event.host) ?? noClock, clocks);
    latest.set(event.host, event.clock);
    const label = plain(event.label);
    if (from.length === 0) return [`  Note over ${id(event.host)}: ${label}`];
    return from.map((host) => `  ${id(host)}->>${id(event.host)}: ${label}`);
  });
  return ['sequenceDiagram', ...hosts.map(({ name }) => `  participant ${id(name)} as ${plain(name)}`), ...lines];
};
