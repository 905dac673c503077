import type { KubeObject } from '../api/metadata.ts';
import { ipLeases, migrationNodes, migrations, nodes, pods, type Resource } from '../api/resource.ts';
import type { Clock } from '../clock/clock.ts';
import { isConflict, isNotFound } from '../kube/api-error.ts';
import type { DeleteOptions, KubeApi } from '../kube/api.ts';
import { keyOf } from '../kube/lookup.ts';
import { found } from '../kube/live.ts';
import type { Log } from '../log/log.ts';
import { isTenant, type Remains, staleMigrations, strayLeases, strayNodes, strayTargets } from './garbage.ts';

export interface SweeperPorts {
  readonly api: KubeApi;
  readonly remains: Remains;
  readonly clock: Clock;
  readonly log: Log;
}

const periodMs = 10_000;

/** Something must look like garbage for this long: a cache may be behind, a pod may just be coming. */
const patienceMs = 30_000;

/** Removes what nobody needs any more. Every deletion names the version that was judged. */
export class Sweeper {
  readonly #ports: SweeperPorts;
  /** Since when each object has looked like garbage, by UID. */
  #suspects = new Map<string, number>();

  constructor(ports: SweeperPorts) {
    this.#ports = ports;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#attempt(signal);
      await this.#ports.clock.sleep(periodMs, signal).catch(() => undefined);
    }
  }

  async #attempt(signal: AbortSignal): Promise<void> {
    try {
      await this.sweep(signal);
    } catch (error) {
      if (!signal.aborted) this.#ports.log.warn({ error }, 'Failed to sweep, will retry');
    }
  }

  async sweep(signal: AbortSignal): Promise<void> {
    const { remains, clock } = this.#ports;
    for (const migration of staleMigrations(remains, clock.now())) await this.#remove(migrations, migration, signal);
    const suspects = new Map<string, number>();
    for (const node of this.#proven(strayNodes(remains), suspects)) {
      if (!(await found(this.#ports.api, nodes, { name: node.metadata.name }, signal)))
        await this.#remove(migrationNodes, node, signal);
    }
    for (const lease of this.#proven(strayLeases(remains), suspects)) {
      const { podNamespace: namespace, podName: name } = lease.spec;
      const pod = await found(this.#ports.api, pods, { namespace, name }, signal);
      if (!isTenant(lease, pod)) await this.#remove(ipLeases, lease, signal);
    }
    for (const pod of this.#proven(strayTargets(remains), suspects))
      await this.#remove(pods, pod, signal, { gracePeriodSeconds: 0 });
    this.#suspects = suspects;
  }

  /** Those that were suspected long enough; all are remembered for the next time. */
  #proven<T extends KubeObject>(objects: readonly T[], suspects: Map<string, number>): readonly T[] {
    const now = this.#ports.clock.now();
    return objects.filter(({ metadata: { uid } }) => {
      const since = this.#suspects.get(uid) ?? now;
      suspects.set(uid, since);
      return now - since >= patienceMs;
    });
  }

  async #remove<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    signal: AbortSignal,
    options: DeleteOptions = {},
  ): Promise<void> {
    const { uid, resourceVersion } = object.metadata;
    try {
      await this.#ports.api.delete(resource, keyOf(object), { ...options, uid, resourceVersion }, signal);
      this.#ports.log.info({ resource: resource.plural, object: keyOf(object) }, 'Removed what nobody needs');
    } catch (error) {
      // Gone, or changed since it was judged: it is judged again.
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }
}
