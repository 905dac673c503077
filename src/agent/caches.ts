import type { KubeObject } from '../api/metadata.ts';
import { ipLeases, ipPools, migrationNodes, migrations, nodes, type Resource } from '../api/resource.ts';
import type { Clock } from '../clock/clock.ts';
import type { KubeApi } from '../kube/api.ts';
import { Reflector } from '../kube/reflector.ts';
import type { Log } from '../log/log.ts';

export interface CachePorts {
  readonly api: KubeApi;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** What an agent knows of the cluster without asking. It watches no pods: there are too many of them. */
export interface AgentCaches {
  readonly migrations: Reflector<ReturnType<typeof migrations.schema.parse>>;
  readonly leases: Reflector<ReturnType<typeof ipLeases.schema.parse>>;
  readonly pools: Reflector<ReturnType<typeof ipPools.schema.parse>>;
  readonly migrationNodes: Reflector<ReturnType<typeof migrationNodes.schema.parse>>;
  readonly nodes: Reflector<ReturnType<typeof nodes.schema.parse>>;
}

/** Starts to watch; `stopped` resolves when everything has ended after `signal` aborted. */
export const openCaches = async (
  ports: CachePorts,
  signal: AbortSignal,
): Promise<{ readonly caches: AgentCaches; readonly stopped: Promise<unknown> }> => {
  const running: Promise<void>[] = [];
  const reflect = <T extends KubeObject>(resource: Resource<T>): Reflector<T> => {
    const reflector = new Reflector({ ...ports, resource });
    running.push(reflector.run(signal));
    return reflector;
  };
  const caches = {
    migrations: reflect(migrations),
    leases: reflect(ipLeases),
    pools: reflect(ipPools),
    migrationNodes: reflect(migrationNodes),
    nodes: reflect(nodes),
  };
  await Promise.all(Object.values(caches).map((cache) => cache.synced(signal)));
  return { caches, stopped: Promise.allSettled(running) };
};
