import type { IPLease } from '../../api/addresses.ts';
import { type Migration, phaseOf } from '../../api/migration.ts';
import type { Pod } from '../../api/pod.ts';
import { ipLeases, migrations, pods, statefulSets } from '../../api/resource.ts';
import type { StatefulSet } from '../../api/stateful-set.ts';
import type { Key } from '../../kube/api.ts';
import { found } from '../../kube/live.ts';
import type { Facts } from '../../migration/facts.ts';
import { statefulSetOf } from '../../migration/namesake/kind.ts';
import { removedPod } from '../../migration/namesake/removal.ts';
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

/** It matters until it has made the target. */
const setOf = async (
  migration: Migration,
  source: Pod | undefined,
  { api }: MovePorts,
  signal: AbortSignal,
): Promise<StatefulSet | null | undefined> => {
  const made = removedPod(migration) ?? source;
  const owner = made && ['Pending', 'Preparing'].includes(phaseOf(migration)) ? statefulSetOf(made) : undefined;
  if (!owner) return undefined;
  return (
    (await found(api, statefulSets, { namespace: migration.metadata.namespace, name: owner.name }, signal)) ?? null
  );
};

/** Where both have one name, the pod that has it is the one or the other. */
const unlessSource = (pod: Pod | undefined, { status }: Migration): Pod | undefined =>
  pod?.metadata.uid === status?.source?.podUID ? undefined : pod;

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
    target: unlessSource(target, migration),
    statefulSet: await setOf(migration, source, ports, signal),
    lease,
    leaseIsInUse: lease !== undefined && (await isInUse(lease, ports, signal)),
    ...knownOf(migration, source, ports),
  };
};
