import type { Lap } from '../workload/counter.ts';
import type { CounterClient } from './counter-client.ts';
import { expectSuccess, finishedMove, type MigrationView } from './migrations.ts';
import { drain, runtimeOf, whileOnlyOpen } from './nodes.ts';
import { identityOf, type PodView, readyPod } from './redis.ts';

/** A Redis with two clients: one at the pod's own address, one through its Service. */
export interface Watched {
  readonly namespace: string;
  readonly name: string;
  readonly clients: { readonly pod: CounterClient; readonly service: CounterClient };
}

/** One move as its clients saw it. The names are those of out/demo.json. */
export interface ObservedMove {
  readonly from: string;
  readonly to: string;
  readonly fromRuntime: string;
  readonly toRuntime: string;
  /** The longest gap that a client saw. */
  readonly blackoutMs: number;
  readonly freezeMs: number;
  readonly connectionSurvived: boolean;
  readonly counterContinuous: boolean;
  readonly sameIP: boolean;
  readonly sameHostname: boolean;
  readonly podRestarted: boolean;
}

interface Laps {
  readonly pod: Lap;
  readonly service: Lap;
}

export interface Observation {
  readonly move: ObservedMove;
  readonly record: MigrationView;
  readonly laps: Laps;
  readonly after: PodView;
  readonly drainOutput: string;
}

const succeededMove = async (namespace: string, podName: string): Promise<MigrationView> => {
  const record = await finishedMove(namespace, podName);
  expectSuccess(record);
  return record;
};

const clientsView = ({
  pod,
  service,
}: Laps): Pick<ObservedMove, 'blackoutMs' | 'connectionSurvived' | 'counterContinuous'> => ({
  blackoutMs: Math.max(pod.longestGapMs, service.longestGapMs),
  connectionSurvived: [pod, service].every((lap) => lap.connected && lap.answers > 0),
  counterContinuous: pod.jumps === 0 && service.jumps === 0,
});

const restartsOf = (pod: PodView): number =>
  pod.status.containerStatuses?.reduce((sum, c) => sum + c.restartCount, 0) ?? 0;

/** Drains the node of a watched pod while only one other is open, and compares everything before and after. */
export const drainAndObserve = async (watched: Watched, before: PodView, to: string): Promise<Observation> => {
  const { namespace, clients } = watched;
  const from = before.spec.nodeName ?? '';
  const was = await identityOf(namespace, before.metadata.name);
  await Promise.all([clients.pod.lap(), clients.service.lap()]);
  const drainOutput = await whileOnlyOpen([from, to], () => drain(from));
  const record = await succeededMove(namespace, before.metadata.name);
  const after = await readyPod(watched, to);
  const [pod, service] = await Promise.all([clients.pod.lap(), clients.service.lap()]);
  const is = await identityOf(namespace, after.metadata.name);
  const move: ObservedMove = {
    from,
    to,
    fromRuntime: runtimeOf(from),
    toRuntime: runtimeOf(to),
    freezeMs: record.status?.timings?.['freezeMs'] ?? Number.NaN,
    ...clientsView({ pod, service }),
    sameIP: before.status.podIP === after.status.podIP,
    sameHostname: was.hostname === is.hostname,
    podRestarted: restartsOf(after) > 0 || was.runID !== is.runID,
  };
  return { move, record, laps: { pod, service }, after, drainOutput };
};
