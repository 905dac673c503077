import type { Lap } from '../workload/counter.ts';
import type { CounterClient } from './counter-client.ts';
import { finishedMove, type MigrationView } from './migrations.ts';
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

export interface Observation {
  readonly move: ObservedMove;
  readonly record: MigrationView;
  readonly laps: { readonly pod: Lap; readonly service: Lap };
  readonly after: PodView;
  readonly drainOutput: string;
}

/** Drains the node of a watched pod while only one other is open, and compares everything before and after. */
export const drainAndObserve = async (watched: Watched, before: PodView, to: string): Promise<Observation> => {
  const { namespace, clients } = watched;
  const from = before.spec.nodeName ?? '';
  const was = await identityOf(namespace, before.metadata.name);
  await Promise.all([clients.pod.lap(), clients.service.lap()]);
  const drainOutput = await whileOnlyOpen([from, to], () => drain(from));
  const record = await finishedMove(namespace, before.metadata.name);
  if (record.status?.phase !== 'Succeeded')
    throw new Error(
      `the move ended as ${record.status?.phase ?? ''}: ${record.status?.reason ?? ''}: ${record.status?.message ?? ''}`,
    );
  const after = await readyPod(watched, to);
  const [pod, service] = await Promise.all([clients.pod.lap(), clients.service.lap()]);
  const is = await identityOf(namespace, after.metadata.name);
  const restarts = after.status.containerStatuses?.reduce((sum, c) => sum + c.restartCount, 0) ?? 0;
  const move: ObservedMove = {
    from,
    to,
    fromRuntime: runtimeOf(from),
    toRuntime: runtimeOf(to),
    blackoutMs: Math.max(pod.longestGapMs, service.longestGapMs),
    freezeMs: record.status.timings?.['freezeMs'] ?? Number.NaN,
    connectionSurvived: pod.connected && service.connected && pod.answers > 0 && service.answers > 0,
    counterContinuous: pod.jumps === 0 && service.jumps === 0,
    sameIP: before.status.podIP === after.status.podIP,
    sameHostname: was.hostname === is.hostname,
    podRestarted: restarts > 0 || was.runID !== is.runID,
  };
  return { move, record, laps: { pod, service }, after, drainOutput };
};
