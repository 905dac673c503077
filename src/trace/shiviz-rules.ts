import { inOneOrder } from './order.ts';
import { countOf, isWithin, noClock, type VectorClock } from './vector-clock.ts';

/*
 * What ShiViz asks of a log (js/model/{parser,modelGraph,vectorTimestamp}.js of DistributedClocks/shiviz, ea00d3d), and
 * two things that it does not ask and that hold of every log of ours: no line is passed over, and nobody forgets.
 */

interface Line {
  readonly number: number;
  readonly host: string;
  readonly clock: VectorClock;
  readonly time: string;
}

interface Execution {
  readonly label: string;
  readonly lines: readonly Line[];
}

interface Head {
  readonly line: RegExp;
  readonly delimiter: RegExp | undefined;
}

const groupsIn = (pattern: string): readonly string[] =>
  [...pattern.matchAll(/\(\?<(\w+)>/g)].map(([, name]) => name ?? '');

const expression = (pattern: string, needed: readonly string[], found: string[]): RegExp | undefined => {
  for (const name of needed.filter((group) => !groupsIn(pattern).includes(group)))
    found.push(`the expression "${pattern}" has no group "${name}"`);
  try {
    return new RegExp(pattern);
  } catch {
    found.push(`"${pattern}" is no regular expression`);
    return undefined;
  }
};

const readHead = (lines: readonly string[], found: string[]): Head | undefined => {
  const [pattern = '', delimiter = ''] = lines;
  const line = expression(pattern, ['event', 'host', 'clock'], found);
  return line && { line, delimiter: delimiter === '' ? undefined : expression(delimiter, ['trace'], found) };
};

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

const readClock = (text: string, where: string, found: string[]): VectorClock | undefined => {
  try {
    const clock = JSON.parse(text) as unknown;
    if (typeof clock === 'object' && clock !== null && Object.values(clock).every(isCount)) return clock as VectorClock;
  } catch {
    // told below
  }
  found.push(`${where}: "${text}" is no clock`);
  return undefined;
};

/** A line as ShiViz takes it apart. Undefined, and told of, when it cannot. */
const readLine = (text: string, number: number, head: Head, found: string[]): Line | undefined => {
  const where = `line ${number}`;
  const groups = head.line.exec(text)?.groups;
  if (!groups) {
    found.push(`${where} is not as the first line says, and ShiViz would pass it over`);
    return undefined;
  }
  const {
    host,
    clock: written,
    ts,
  } = groups as { readonly host: string; readonly clock: string; readonly ts?: string };
  const clock = readClock(written, where, found);
  return clock && ofHost({ number, host, clock, time: ts ?? '' }, found);
};

const ofHost = (line: Line, found: string[]): Line | undefined => {
  if (Object.hasOwn(line.clock, line.host)) return line;
  found.push(`line ${line.number}: its own host "${line.host}" is missing from the clock`);
  return undefined;
};

const labelIn = (text: string, { delimiter }: Head): string | undefined => delimiter?.exec(text)?.groups?.['trace'];

/** The lines of each execution; before the first delimiter there is one without a label, unless nothing stands there. */
const readExecutions = (lines: readonly string[], head: Head, found: string[]): readonly Execution[] => {
  const executions: { label: string; lines: Line[] }[] = [{ label: '', lines: [] }];
  for (const [index, text] of lines.entries()) {
    const label = labelIn(text, head);
    if (label !== undefined) executions.push({ label, lines: [] });
    const line = label === undefined && text.trim() !== '' ? readLine(text, index + 3, head, found) : undefined;
    if (line) executions.at(-1)?.lines.push(line);
  }
  const isThere = ({ label, lines: own }: Execution): boolean => label !== '' || own.length > 0;
  return executions.some(isThere) ? executions.filter(isThere) : executions;
};

type ByHost = ReadonlyMap<string, readonly Line[]>;

const byHost = (lines: readonly Line[]): ByHost => {
  const hosts = Map.groupBy(lines, ({ host }) => host);
  return new Map(
    [...hosts].map(([host, own]) => [host, own.toSorted((a, b) => countOf(a.clock, host) - countOf(b.clock, host))]),
  );
};

/** From 1, and up by 1. */
const countingFaults = (hosts: ByHost): readonly string[] =>
  [...hosts].flatMap(([host, lines]) => {
    const wrong = lines.findIndex(({ clock }, index) => countOf(clock, host) !== index + 1);
    const line = lines[wrong];
    return line ? [`line ${line.number}: event ${wrong + 1} of ${host} is numbered ${countOf(line.clock, host)}`] : [];
  });

/** Who is named has events, and so many. */
const namingFaults = (hosts: ByHost): readonly string[] =>
  [...hosts.values()].flat().flatMap(({ number, clock }) =>
    Object.entries(clock).flatMap(([host, count]) => {
      const events = hosts.get(host)?.length ?? 0;
      if (count === 0 || count <= events) return [];
      const those = events === 0 ? 'which has no events' : `which has ${events}`;
      return [`line ${number} knows of event ${count} of ${host}, ${those}`];
    }),
  );

const forgettingFaults = (hosts: ByHost): readonly string[] =>
  [...hosts].flatMap(([host, lines]) =>
    lines.flatMap(({ number, clock }, index) =>
      isWithin(lines[index - 1]?.clock ?? noClock, clock) ? [] : [`line ${number}: ${host} has forgotten something`],
    ),
  );

const circleFaults = (hosts: ByHost): readonly string[] => {
  const { rest } = inOneOrder([...hosts].map(([process, events]) => ({ process, events })));
  return rest.length === 0 ? [] : [`line ${rest[0]?.number ?? 0}: each of some events knows of the other before it`];
};

const executionFaults = ({ label, lines }: Execution): readonly string[] => {
  if (lines.length === 0) return [`the execution "${label}" has no events`];
  const hosts = byHost(lines);
  const counted = [...countingFaults(hosts), ...namingFaults(hosts), ...forgettingFaults(hosts)];
  // What comes before what can only be said of counts that are right.
  return counted.length > 0 ? counted : circleFaults(hosts);
};

/** Everything for which ShiViz would refuse a log, or show it otherwise than it was, as sentences. */
export const faultsInLog = (text: string): readonly string[] => {
  const found: string[] = [];
  const [first = '', second = '', ...lines] = text.split('\n');
  const head = readHead([first, second], found);
  if (!head) return found;
  const executions = readExecutions(lines, head, found);
  const labels = executions.map(({ label }) => label);
  for (const label of new Set(labels.filter((label, index) => labels.indexOf(label) !== index)))
    found.push(`several executions are called "${label}"`);
  return [...found, ...executions.flatMap(executionFaults)];
};
