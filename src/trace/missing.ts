import type { HostEvent, Trace } from './trace.ts';

const tally = (host: string, events: readonly HostEvent[], process: string): string | undefined => {
  const lost = events.filter(({ isLost }) => isLost === true).length;
  if (lost === 0) return undefined;
  const which = lost === events.length ? `all ${lost} events` : `${lost} of the ${events.length} events`;
  return `${which} of ${host} (${process}) are in no log: it was killed before it had written them, or its pod or an older part of its log is gone`;
};

/** What a trace has not got or should not be believed in, as sentences. */
export const missingIn = ({ hosts, events, doubts }: Trace): readonly string[] => [
  ...hosts.flatMap(
    ({ name, process }) =>
      tally(
        name,
        events.filter(({ host }) => host === name),
        process,
      ) ?? [],
  ),
  ...doubts,
];
