import type { Trace } from '../../trace/trace.ts';
import { columns } from './columns.ts';

const detailsText = (fields: Readonly<Record<string, unknown>> = {}): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');

/** A message may have several lines. */
const cell = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

export const traceTable = ({ events }: Trace): readonly string[] =>
  columns([
    ['TIME', 'ACTOR', 'EVENT', 'DETAILS'],
    ...events.map(({ time, host, label, fields }) => [time, host, cell(label), cell(detailsText(fields))]),
  ]);

/** For a program: the trace, and what it has not got. */
export const traceJson = ({ trace, missing }: { readonly trace: Trace; readonly missing: readonly string[] }) => {
  const { move, hosts, events } = trace;
  return JSON.stringify({ move, hosts, events, missing }, null, 4).split('\n');
};
