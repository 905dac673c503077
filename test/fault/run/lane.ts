import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../../lab/wait.ts';
import { migrations, pods } from '../../../src/api/resource.ts';
import { isReady, type Pod } from '../../../src/api/pod.ts';
import { isAlreadyExists, isForbidden, isNotFound } from '../../../src/kube/api-error.ts';
import type { KubeApi } from '../../../src/kube/api.ts';
import { deployments, namespaces } from '../cluster/api.ts';
import { endStrays } from './strays.ts';
import { namespaceOf, tickerDeployment } from '../workload/deployment.ts';
import type { Collector } from '../witness/collector.ts';

/** A program that says nothing for so long does not run. */
const silenceMs = 500;
const readyMs = 60_000;
const quietMs = 300;

export interface LanePorts {
  readonly api: KubeApi;
  readonly collector: Collector;
}

/** One program that is moved to and fro on nodes that no other lane uses at the same time. */
export class Lane {
  readonly number: number;
  readonly namespace: string;
  /** What runs have left on the nodes for good: held against the run that left it, and not against those after it. */
  readonly known = new Set<string>();
  readonly #ports: LanePorts;
  #nodes: readonly [string, ...string[]] | undefined;

  constructor(number: number, ports: LanePorts) {
    this.number = number;
    this.namespace = namespaceOf(number);
    this.#ports = ports;
  }

  /** Lets the program run on these nodes and no others, anew where it ran elsewhere. */
  async use(nodes: readonly [string, ...string[]]): Promise<void> {
    if (this.#nodes?.join() === nodes.join()) return;
    await this.clear();
    await this.#ports.api.create(namespaces, undefined, { metadata: { name: this.namespace } }).catch(unlessThere);
    await this.#ports.api.create(deployments, this.namespace, tickerDeployment(this.number, nodes));
    this.#nodes = nodes;
  }

  /** The one pod of the lane, ready, with its program connected and telling its numbers from the pod's node. */
  async settled(): Promise<Pod> {
    const what = `the program of lane ${String(this.number)} to run and to be connected`;
    try {
      return await until({ what, timeoutMs: readyMs, everyMs: 50 }, async () => {
        const { items } = await this.#ports.api.list(pods, { namespace: this.namespace });
        const [pod] = items;
        if (items.length !== 1 || !pod || pod.metadata.deletionTimestamp !== undefined || !isReady(pod))
          return undefined;
        return this.runsOn() === pod.spec.nodeName && this.#ports.collector.isConnected(this.number) ? pod : undefined;
      });
    } catch (error) {
      throw new Error(`${(error as Error).message}; ${await this.#unsettled()}`, { cause: error });
    }
  }

  /** What there is instead of one pod that runs and is connected. */
  async #unsettled(): Promise<string> {
    const { items } = await this.#ports.api.list(pods, { namespace: this.namespace });
    const found = items.map((pod) => {
      const ending = pod.metadata.deletionTimestamp === undefined ? '' : ', ending';
      return `${pod.metadata.name} on ${pod.spec.nodeName ?? 'no node'} (${isReady(pod) ? 'ready' : 'not ready'}${ending})`;
    });
    const runsOn = this.runsOn() ?? 'no node';
    return `pods: ${found.join(', ') || 'none'}; it runs on ${runsOn}; connections: ${this.#ports.collector.connectionsOf(this.number)}`;
  }

  /** The node on which the latest instance tells its numbers; undefined when it tells none. */
  runsOn(secret?: string): string | undefined {
    const running = this.#ports.collector.running(this.number);
    if (!running || Date.now() - running.at > silenceMs) return undefined;
    return secret === undefined || running.secret === secret ? running.node : undefined;
  }

  /** Ends what runs, whatever state it is in; its owner makes another. */
  async startAnew(): Promise<void> {
    await this.removeMoves();
    const { items } = await this.#ports.api.list(pods, { namespace: this.namespace });
    await Promise.all(items.map(({ metadata: { name } }) => this.#removePod(name)));
    await sleep(quietMs);
  }

  /** Removes the Migrations of the lane, which are over or are given up by this. */
  async removeMoves(): Promise<void> {
    const { api } = this.#ports;
    const { items } = await api.list(migrations, { namespace: this.namespace });
    const remove = (name: string): Promise<void> =>
      api.delete(migrations, { namespace: this.namespace, name }).catch(unlessOver);
    await Promise.all(items.map(({ metadata: { name } }) => remove(name)));
  }

  /** Takes the lane's namespace away, and waits until it is gone. */
  async clear(): Promise<void> {
    const { api } = this.#ports;
    this.#nodes = undefined;
    await this.startAnew().catch(unlessGone);
    await api.delete(namespaces, { name: this.namespace }).catch(unlessGone);
    await until({ what: `namespace ${this.namespace} to go`, timeoutMs: readyMs }, async () =>
      (await api.get(namespaces, { name: this.namespace }).catch(unlessGone)) ? undefined : true,
    );
  }

  /** Begins anew after a run that was not as it should be: nothing of it may meet the next one. */
  async mend(): Promise<void> {
    await this.clear();
    await endStrays(this.number);
  }

  #removePod(name: string): Promise<void> {
    const key = { namespace: this.namespace, name };
    return this.#ports.api.delete(pods, key, { gracePeriodSeconds: 0 }).catch(unlessGone);
  }
}

const unlessGone = (error: unknown): undefined => {
  if (!isNotFound(error)) throw error;
};

/** One that has committed may not be deleted, and is over without it. */
const unlessOver = (error: unknown): undefined => (isForbidden(error) ? undefined : unlessGone(error));

const unlessThere = (error: unknown): undefined => {
  if (!isAlreadyExists(error)) throw error;
};
