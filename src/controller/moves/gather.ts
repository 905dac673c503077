import type { IPLease } from '../../api/addresses.ts';
import type { Migration } from '../../api/migration.ts';
import type { Pod } from '../../api/pod.ts';
import { ipLeases, migrations, pods } from '../../api/resource.ts';
import type { Key } from '../../kube/api.ts';
import { found } from '../../kube/live.ts';
import type { Facts } from '../../migration/facts.ts';
import { knownOf } from './memory.ts';
import type { MovePorts } from './ports.ts';

/** A lease that is given to neither of the two pods matters only if its pod still lives. */
const isInUse = async (lease: IPLease, { api }: MovePorts, signal: AbortSignal): Promise<boolean> => {
  const { podNamespace: namespace, podName: name, podUID } = lease.spec;
  const tenant = await found(api, pods, { namespace, name }, signal);
  return tenant?.metadata.uid === podUID;
};

const leaseOf = async (migration: Migration, ports: MovePorts, signal: AbortSignal): Promise<IPLease | undefined> => {
  const ip = migration.status?.source?.address?.ip;
  return ip === undefined ? undefined : found(ports.api, ipLeases, { name: ip }, signal);
};

const podOf = async (
  migration: Migration,
  name: string | undefined,
  ports: MovePorts,
  signal: AbortSignal,
): Promise<Pod | undefined> =>
  name === undefined ? undefined : found(ports.api, pods, { namespace: migration.metadata.namespace, name }, signal);

/**
 * What is known of one move. The record, both pods and the lease are asked of
 * the API server, because a cache that has not seen our own target yet would
 * make us believe that it is gone; the rest comes from memory.
 */
export const gather = async (ports: MovePorts, key: Key, signal: AbortSignal): Promise<Facts | undefined> => {
  const migration = await found(ports.api, migrations, key, signal);
  if (!migration) return undefined;
  const [source, target, lease] = await Promise.all([
    podOf(migration, migration.spec.podName, ports, signal),
    podOf(migration, migration.status?.target?.podName, ports, signal),
    leaseOf(migration, ports, signal),
  ]);
  return {
    migration,
    source,
    target,
    lease,
    leaseIsInUse: lease !== undefined && (await isInUse(lease, ports, signal)),
    ...knownOf(migration, source, ports),
  };
};
