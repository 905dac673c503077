import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../../lab/wait.ts';
import { type Migration, phaseOf } from '../../../src/api/migration.ts';
import { migrations } from '../../../src/api/resource.ts';
import { isNotFound } from '../../../src/kube/api-error.ts';
import type { KubeApi } from '../../../src/kube/api.ts';
import { isOver } from '../../../src/migration/status.ts';
import { checkTrace } from '../../cluster/traces.ts';
import { untilUsable } from '../cluster/usable.ts';
import type { Injected, Scene } from '../faults/fault.ts';
import { lookForLeftovers } from '../leftovers/look.ts';
import type { Passage, PointServer } from '../reach/server.ts';
import { type Ending, outcomeOf } from '../table/outcome.ts';
import type { Collector, Window } from '../witness/collector.ts';
import type { Lane } from './lane.ts';
import type { Plan } from './plan.ts';
import { type Result, resultOf } from './result.ts';

export interface RunPorts {
  readonly api: KubeApi;
  readonly collector: Collector;
  readonly points: PointServer;
}

const overMs = 90_000;
const lookAgainMs = 100;
/** A second instance, or a connection that breaks, is to have the time to show itself. */
const aftermathMs = 700;
/**
 * A kubelet whose API server was away watches again after up to 30 s, and as much again by chance (client-go, reflector.go:
 * a backoff of 30 s with a jitter of 1.0), and ends the source then.
 */
const leftoverLimitMs = 75_000;
const deadlineSeconds = 60;
const endOfLostMs = 10_000;

/** The fault of one run, from the moment at which the move reaches its step. */
class Injection {
  readonly #scene: Omit<Scene, 'migration'>;
  readonly #plan: Plan;
  readonly #done = Promise.withResolvers<Injected>();
  #isDue = true;
  #undone: Promise<unknown> | undefined;

  constructor(plan: Plan, scene: Omit<Scene, 'migration'>) {
    this.#plan = plan;
    this.#scene = scene;
    this.#done.promise.catch(() => undefined); // told by `undo`
  }

  get hasBegun(): boolean {
    return !this.#isDue;
  }

  /** Whoever has reached the step waits until the fault is in effect; everybody else goes on. */
  readonly watch: Parameters<PointServer['watch']>[1] = async ({ point, detail, move }) => {
    const { cell } = this.#plan;
    if (!this.#isDue || point !== cell.point || (cell.detail !== undefined && detail !== cell.detail)) return 'go';
    this.#isDue = false;
    try {
      const injected = await cell.fault.inject({ ...this.#scene, migration: move });
      this.#done.resolve(injected);
      if (cell.fault.lastsMs !== undefined) void this.#after(cell.fault.lastsMs, injected);
      return injected.directive ?? 'go';
    } catch (error) {
      this.#done.reject(new Error(`the fault could not be brought about: ${String(error)}`, { cause: error }));
      return 'go';
    }
  };

  /** Takes the fault away where it has not ended yet. Rejects when it could not be brought about, or not be taken away. */
  async undo(): Promise<void> {
    if (this.#isDue) throw new Error('the move never came to this step');
    this.#undone ??= (await this.#done.promise).undo();
    await this.#undone;
  }

  async #after(ms: number, injected: Injected): Promise<void> {
    await sleep(ms);
    this.#undone ??= injected.undo();
    await this.#undone.catch(() => undefined); // told by `undo`
  }
}

const request = async ({ api }: RunPorts, lane: Lane, plan: Plan, podName: string): Promise<string> => {
  const name = moveName(plan);
  const spec = { podName, targetNodeName: plan.target, deadlineSeconds };
  await api.create(migrations, lane.namespace, { metadata: { name }, spec });
  return name;
};

const moveName = ({ number }: Plan): string => `fault-${String(number)}`;

/** The record once nothing happens to the move any more; undefined when it has been deleted. The API server may be away meanwhile. */
const recordAtTheEnd = (api: KubeApi, namespace: string, name: string): Promise<Migration | undefined> =>
  until({ what: `Migration ${name} to be over`, timeoutMs: overMs, everyMs: lookAgainMs }, async () => {
    try {
      const migration = await api.get(migrations, { namespace, name });
      return isOver(migration) ? { migration } : undefined;
    } catch (error) {
      if (isNotFound(error)) return { migration: undefined };
      throw error;
    }
  }).then(({ migration }) => migration);

/** Looks until nothing is left, or for so long that it will not go any more. */
const leftoversOf = async (
  api: KubeApi,
  lane: Lane,
  plan: Plan,
): Promise<Awaited<ReturnType<typeof lookForLeftovers>>> => {
  const where = { lane: lane.number, pair: [plan.source, plan.target] };
  const isNew = (what: string): boolean => !lane.known.has(what);
  const deadline = Date.now() + leftoverLimitMs;
  for (;;) {
    const { now, lingering } = await lookForLeftovers(api, where);
    const found = now.filter(isNew);
    if (found.length === 0 || Date.now() > deadline) return { now: found, lingering };
    await sleep(200);
  }
};

/** The node on which the instance still tells its numbers; it may stand still for a moment without being gone. */
const whereItRuns = async (lane: Lane, secret: string): Promise<string | undefined> => {
  for (let look = 0; look < 10; look += 1) {
    const node = lane.runsOn(secret);
    if (node !== undefined) return node;
    await sleep(lookAgainMs);
  }
  return undefined;
};

/** A program that is lost may run until the kubelet has ended it; one that goes on after that is where it must not be. */
const whereALostOneRuns = async (lane: Lane, secret: string): Promise<string | undefined> => {
  const deadline = Date.now() + endOfLostMs;
  let node = await whereItRuns(lane, secret);
  while (node !== undefined && Date.now() < deadline) {
    await sleep(lookAgainMs);
    node = lane.runsOn(secret);
  }
  return node;
};

const isDeletionOfSource = ({ cell }: Plan): boolean => cell.fault.name === 'source-pod-deleted';

export interface RunReport {
  readonly result: Result;
  /** What is allowed to stay for a while, and has to be looked for later. */
  readonly lingering: readonly string[];
  readonly passages: readonly Passage[];
}

interface Begun {
  readonly window: Window;
  readonly begunAt: number;
  readonly record: Migration | undefined;
}

const conclude = async (
  ports: RunPorts,
  lane: Lane,
  plan: Plan,
  begun: Begun,
): Promise<Omit<RunReport, 'passages'>> => {
  const { window, record, begunAt } = begun;
  const { source, target } = plan;
  await sleep(aftermathMs);
  const phase = record && phaseOf(record);
  const runsOn = await (phase === 'Lost' ? whereALostOneRuns : whereItRuns)(lane, window.secret);
  const lastOn = ports.collector.lastOf(lane.number, window.secret)?.node;
  const isTargetEnded =
    plan.cell.fault.name.startsWith('target-node-') && record?.status?.target?.releaseTime !== undefined;
  const ending: Ending = { phase, runsOn, lastOn, isTargetEnded, source, target };
  const outcome = outcomeOf(ending, isDeletionOfSource(plan));
  await lane.settled();
  const { now: leftovers, lingering } = await leftoversOf(ports.api, lane, plan);
  const observation = await ports.collector.look(window);
  const trace = record && (await checkTrace(record, ports.api));
  const tookMs = Date.now() - begunAt;
  return { result: resultOf(plan, record, { outcome, observation, leftovers, tookMs, trace }), lingering };
};

/**
 * Moves the program of a lane, injects the fault when the move reaches its step,
 * and looks at everything once it is over. The program runs on the source.
 * Rejects when the run could not be carried out.
 */
export const runOnce = async (ports: RunPorts, lane: Lane, plan: Plan): Promise<RunReport> => {
  const { api, collector, points } = ports;
  const pod = await lane.settled();
  const sourcePod = { name: pod.metadata.name, uid: pod.metadata.uid };
  const { source, target } = plan;
  const injection = new Injection(plan, { api, namespace: lane.namespace, sourcePod, source, target });
  const begunAt = Date.now();
  const window = collector.open(lane.number);
  const name = moveName(plan);
  points.watch(name, injection.watch);
  let passages: readonly Passage[] = [];
  let record: Migration | undefined;
  try {
    await request(ports, lane, plan, pod.metadata.name);
    record = await recordAtTheEnd(api, lane.namespace, name);
    passages = points.forget(name);
    await injection.undo();
    await untilUsable(api, [source, target]);
    return { ...(await conclude(ports, lane, plan, { window, begunAt, record })), passages };
  } catch (error) {
    if (injection.hasBegun) await injection.undo().catch(() => undefined); // the run has failed already
    throw new RunFailed(error, record, passages.length > 0 ? passages : points.forget(name));
  } finally {
    points.forget(name);
  }
};

/** The harness could not carry out a run. */
export class RunFailed extends Error {
  override readonly name = 'RunFailed';
  /** As it was at the end of the move, if that came. */
  readonly record: Migration | undefined;
  readonly passages: readonly Passage[];

  constructor(cause: unknown, record: Migration | undefined, passages: readonly Passage[]) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.record = record;
    this.passages = passages;
  }
}
