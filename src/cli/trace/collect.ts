import { systemNamespace } from '../../api/group.ts';
import type { Migration } from '../../api/migration.ts';
import type { Pod } from '../../api/pod.ts';
import { pods } from '../../api/resource.ts';
import { keyOf } from '../../kube/lookup.ts';
import { assemble } from '../../trace/assemble.ts';
import { eventIn, type TraceEvent } from '../../trace/event.ts';
import { missingIn } from '../../trace/missing.ts';
import { nodeIn } from '../../trace/process-name.ts';
import { eventsIn, moveIn } from '../../trace/record.ts';
import type { Trace } from '../../trace/trace.ts';
import { listAll } from '../cluster/pages.ts';
import { ifPermitted } from '../cluster/permitted.ts';
import type { Session } from '../session.ts';

type Reader = Pick<Session, 'api' | 'signal'>;

/** The log of one run of a container of ours. */
interface Shelf {
  readonly pod: Pod;
  readonly component: Component;
  /** The run before the present one. Of those before that the kubelet keeps nothing that the API server could be asked for. */
  readonly previous: boolean;
}

/** As the label of our pods has it; their container is called the same. */
type Component = 'controller' | 'agent';

interface Read {
  readonly events: readonly TraceEvent[];
  /** What could not be read, as sentences. */
  readonly unread: readonly string[];
}

/** Clocks of nodes differ, and what was done just before the record was made belongs to it. */
const earlierMs = 60_000;

/** What one log has of one move; a move that goes on for ever would fill the memory. */
const mostEvents = 20_000;

/** Agents of other nodes have no part in a move, and there may be thousands of them. */
const nodesOf = (migration: Migration): ReadonlySet<string> => {
  const { source, target, attempts = [] } = migration.status ?? {};
  const named = [source?.nodeName, target?.nodeName, ...attempts.map(({ nodeName }) => nodeName)];
  const counted = Object.keys(moveIn(migration).clock).map(nodeIn);
  return new Set([...named, ...counted].filter((name) => name !== undefined));
};

const shelvesOf = (component: Component, pod: Pod): readonly Shelf[] => {
  const status = pod.status?.containerStatuses?.find(({ name }) => name === component);
  const now = { pod, component, previous: false };
  return (status?.restartCount ?? 0) > 0 ? [{ ...now, previous: true }, now] : [now];
};

const shelvesFor = async (migration: Migration, component: Component, reader: Reader): Promise<readonly Shelf[]> => {
  const labelSelector = `app.kubernetes.io/component=${component}`;
  const found = await listAll(pods, { namespace: systemNamespace, labelSelector }, reader);
  const nodes = nodesOf(migration);
  const concerned = component === 'agent' ? found.filter(({ spec }) => nodes.has(spec.nodeName ?? '')) : found;
  return concerned.flatMap((pod) => shelvesOf(component, pod));
};

const sinceOf = ({ metadata: { creationTimestamp = '' } }: Migration): string | undefined => {
  const made = Date.parse(creationTimestamp);
  return Number.isNaN(made) ? undefined : new Date(made - earlierMs).toISOString();
};

const readShelf = async (
  { pod, component, previous }: Shelf,
  migration: Migration,
  { api, signal }: Reader,
): Promise<Read> => {
  const events: TraceEvent[] = [];
  const wanted = { container: component, previous, sinceTime: sinceOf(migration) };
  try {
    for await (const line of api.logLines(keyOf(pod), wanted, signal)) {
      const event = eventIn(line, migration.metadata.uid);
      if (event) events.push(event);
      if (events.length >= mostEvents) break;
    }
    return { events, unread: [] };
  } catch (error) {
    signal.throwIfAborted();
    // Its node may be down, and the rest is worth showing all the same.
    const run = previous ? ', before its last start,' : '';
    const why = error instanceof Error ? error.message.trim() : String(error);
    return { events, unread: [`the log of pod ${pod.metadata.name}${run} cannot be read: ${why}`] };
  }
};

const forbidden = `you may not read the logs of Transship, which have most of a trace: the role transship-trace-reader in namespace ${systemNamespace} lets you`;

const readLogs = async (migration: Migration, reader: Reader): Promise<Read> => {
  const reading = Promise.all([shelvesFor(migration, 'controller', reader), shelvesFor(migration, 'agent', reader)]);
  const shelves = await ifPermitted(reading);
  if (!shelves) return { events: [], unread: [forbidden] };
  const read = await Promise.all(shelves.flat().map((shelf) => readShelf(shelf, migration, reader)));
  return { events: read.flatMap(({ events }) => events), unread: read.flatMap(({ unread }) => unread) };
};

export interface Found {
  readonly trace: Trace;
  /** What the trace has not got, as sentences. */
  readonly missing: readonly string[];
}

/** All that can be found out about the events of a move now: from the logs of our pods and from the record itself. */
export const traceOf = async (migration: Migration, reader: Reader): Promise<Found> => {
  const { events, unread } = await readLogs(migration, reader);
  const { namespace = '', name, uid } = migration.metadata;
  const all = [...events, ...eventsIn(migration)];
  const trace = assemble({ namespace, name, uid }, all, moveIn(migration).clock);
  return { trace, missing: [...unread, ...missingIn(trace)] };
};
