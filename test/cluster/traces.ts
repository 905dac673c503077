import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { kubeconfigFile } from '../../lab/cluster.ts';
import { until } from '../../lab/wait.ts';
import { type Migration, phaseOf } from '../../src/api/migration.ts';
import { migrations } from '../../src/api/resource.ts';
import { traceOf } from '../../src/cli/trace/collect.ts';
import { systemClock } from '../../src/clock/system-clock.ts';
import { createKubeApi } from '../../src/kube/client-node.ts';
import type { KubeApi } from '../../src/kube/api.ts';
import { keyOf, keyText } from '../../src/kube/lookup.ts';
import { Reflector } from '../../src/kube/reflector.ts';
import { silentLog } from '../../src/log/log.ts';
import { isOver } from '../../src/migration/status.ts';
import { shivizLog } from '../../src/trace/render/shiviz.ts';
import { faultsInLog } from '../../src/trace/shiviz-rules.ts';

/*
 * Watches all moves of a run of tests, and looks at the trace of each as soon as it is over: a moment later a test may
 * have removed its namespace, or killed the agent whose log has half of it.
 */

export interface CheckedTrace {
  readonly move: string;
  readonly phase: string;
  readonly events: number;
  /** Everything that ShiViz would not take, and what nobody can have written. */
  readonly faults: readonly string[];
  /** What is lost. That happens where a process was killed, or its pod removed. */
  readonly missing: readonly string[];
}

export interface TraceReport {
  readonly checked: readonly CheckedTrace[];
  /** Moves that are under way, or not looked at yet. */
  readonly open: readonly string[];
}

const folder = join(import.meta.dirname, '..', '..', 'out');
export const traceReportFile = join(folder, 'traces.json');

/** What agents write when all is over: timings, and the lines that waited for the end of the freeze. */
const restMs = 1_500;
const limitMs = 20_000;

const nameOf = (migration: Migration): string => keyText(keyOf(migration));

/** Collects the trace of a move now and judges it. */
export const checkTrace = async (migration: Migration, api: KubeApi): Promise<CheckedTrace> => {
  const { trace, missing } = await traceOf(migration, { api, signal: AbortSignal.timeout(limitMs) });
  // A test may have written a status by hand, which nobody of ours has ever touched.
  const isTouched = migration.status?.trace !== undefined;
  const nothing = trace.events.length === 0 && isTouched ? ['there are no events'] : [];
  return {
    ...{ move: nameOf(migration), phase: phaseOf(migration), events: trace.events.length, missing },
    faults: [
      ...nothing,
      ...trace.doubts,
      ...(trace.events.length === 0 ? [] : faultsInLog(shivizLog(trace).join('\n'))),
    ],
  };
};

class TraceWatch {
  readonly #api: KubeApi;
  /** By UID, as each was seen last. */
  readonly #open = new Map<string, Migration>();
  readonly #begun = new Set<string>();
  readonly #checked: CheckedTrace[] = [];
  #work: Promise<void> = Promise.resolve();

  constructor(api: KubeApi) {
    this.#api = api;
  }

  see(migration: Migration): void {
    const { uid } = migration.metadata;
    if (this.#begun.has(uid)) return;
    this.#open.set(uid, migration);
    if (isOver(migration)) this.#check(uid);
  }

  /** Those that are no more were taken away before their end. */
  compare(present: readonly Migration[]): void {
    const uids = new Set(present.map(({ metadata }) => metadata.uid));
    for (const uid of this.#open.keys()) if (!uids.has(uid)) this.#check(uid);
  }

  #check(uid: string): void {
    if (this.#begun.has(uid)) return;
    this.#begun.add(uid);
    this.#work = this.#work.then(() => this.#look(uid));
  }

  async #look(uid: string): Promise<void> {
    const migration = this.#open.get(uid);
    if (!migration) return;
    await sleep(restMs);
    const failed = (error: unknown): CheckedTrace => ({
      ...{ move: nameOf(migration), phase: phaseOf(migration), events: 0, missing: [] },
      faults: [`its trace could not be collected: ${String(error)}`],
    });
    this.#checked.push(await checkTrace(migration, this.#api).catch(failed));
    this.#open.delete(uid);
    await this.write();
  }

  async write(): Promise<void> {
    const report: TraceReport = { checked: this.#checked, open: [...this.#open.values()].map(nameOf) };
    await mkdir(folder, { recursive: true });
    await writeFile(traceReportFile, `${JSON.stringify(report, null, 2)}\n`);
  }

  /** Resolves when all that was begun is done. */
  async settled(): Promise<void> {
    await this.#work;
    await this.write();
  }
}

/** Begins to watch; what it finds stands in out/traces.json, which is written anew after each move. */
export const watchTraces = async (): Promise<AsyncDisposable> => {
  const api = await createKubeApi({ kubeconfigPath: kubeconfigFile });
  const stop = new AbortController();
  const moves = new Reflector({ api, resource: migrations, clock: systemClock, random: Math.random, log: silentLog });
  const watch = new TraceWatch(api);
  moves.onChange((_key, migration) => {
    if (migration) watch.see(migration);
    watch.compare(moves.items());
  });
  await watch.write();
  const running = moves.run(stop.signal);
  await moves.synced(stop.signal);
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort(new Error('the tests are over'));
      await running;
      await watch.settled();
      api.close();
    },
  };
};

/** One is looked at after the other, some two seconds each, and a test may end a dozen at once. */
const reportLimitMs = 240_000;

/** What was found, once every move has been looked at that is over. */
export const traceReport = (read: () => Promise<TraceReport>): Promise<TraceReport> =>
  until({ what: 'the traces of all moves to be looked at', timeoutMs: reportLimitMs, everyMs: 500 }, async () => {
    const report = await read();
    return report.open.length === 0 ? report : undefined;
  });
