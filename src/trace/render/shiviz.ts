import type { HostEvent, Trace } from '../trace.ts';

/*
 * ShiViz reads a log by two regular expressions, which stand in its first two
 * lines: what a line looks like, and what separates one execution from another.
 */

export const linePattern = String.raw`^(?<ts>\S+) (?<host>\S+) (?<clock>\{.*?\}) (?<event>.*)$`;
export const delimiterPattern = '^=== (?<trace>.*) ===$';

/** A line break in a message would begin a line of its own. */
const onOneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

const detailsOf = ({ fields }: HostEvent): string =>
  fields === undefined
    ? ''
    : ` (${Object.entries(fields)
        .map(([name, value]) => `${name}: ${value}`)
        .join(', ')})`;

const clockText = ({ host, clock }: HostEvent): string => {
  const { [host]: own, ...others } = clock;
  return JSON.stringify({ [host]: own, ...others });
};

const lineOf = (event: HostEvent): string =>
  `${event.time === '' ? '-' : event.time} ${event.host} ${clockText(event)} ${onOneLine(event.label + detailsOf(event))}`;

/** The lines of a file that ShiViz takes: "choose file" there, or paste them. */
export const shivizLog = ({ move, events }: Trace): readonly string[] => [
  linePattern,
  delimiterPattern,
  '',
  `=== ${move.namespace}/${move.name} ${move.uid} ===`,
  ...events.map(lineOf),
];
