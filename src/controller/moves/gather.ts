import type { IPLease } from '../../api/addresses.ts';
import { type Migration, phaseOf } from '../../api/migration.ts';
import { isCommitted } from '../../api/phase.ts';
import { controllerOf, type Pod } from '../../api/pod.ts';
import { ipLeases, migrations, pods } from '../../api/resource.ts';
import type { Key } from '../../kube/api.ts';
import type { Facts } from '../../migration/facts.ts';
import { queueOf } from '../../migration/limits.ts';
import { builtIn } from '../../migration/policy.ts';
import type { Waiting } from '../../migration/queue.ts';
import { found } from '../../kube/live.ts';
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

const wantedNode = ({ spec: { targetNodeName: name } }: Migration, ports: MovePorts): Facts['wantedNode'] =>
  name === undefined
    ? { exists: false, agent: undefined }
    : { exists: ports.nodes.get({ name }) !== undefined, agent: ports.migrationNodes.get({ name }) };

const ofSource = (source: Pod | undefined, ports: MovePorts): Pick<Facts, 'sourceNode' | 'policy'> => ({
  sourceNode: ports.migrationNodes.get({ name: source?.spec.nodeName ?? '' }),
  policy: source ? ports.policyOf(source) : builtIn,
});

const around = (migration: Migration, source: Pod | undefined, ports: MovePorts): Facts['surroundings'] =>
  source && phaseOf(migration) === 'Pending' ? ports.surroundingsOf(source) : undefined;

const siblingsOf = (migration: Migration, source: Pod | undefined, { pods: known }: MovePorts): readonly Pod[] => {
  const owner = source && isCommitted(phaseOf(migration)) ? controllerOf(source) : undefined;
  if (!owner) return [];
  return known
    .items()
    .filter((pod) => controllerOf(pod)?.uid === owner.uid && pod.metadata.uid !== source?.metadata.uid);
};

const othersThan = ({ metadata: { uid } }: Migration, { ownWrites, migrations: cached }: MovePorts) =>
  ownWrites.over(cached.items()).filter((other) => other.metadata.uid !== uid);

const queueBeside = (
  migration: Migration,
  others: readonly Migration[],
  { pods: known, policyOf }: MovePorts,
): readonly Waiting[] =>
  phaseOf(migration) === 'Pending'
    ? queueOf(others, {
        podOf: ({ metadata: { namespace }, spec: { podName: name } }) => known.get({ namespace, name }),
        policyOf,
      })
    : [];

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
  const others = othersThan(migration, ports);
  return {
    migration,
    seenForMs: ports.phaseWatch.see(migration),
    source,
    siblings: siblingsOf(migration, source, ports),
    target,
    lease,
    leaseIsInUse: lease !== undefined && (await isInUse(lease, ports, signal)),
    ...ofSource(source, ports),
    targetNode: ports.nodes.get({ name: migration.status?.target?.nodeName ?? '' }),
    wantedNode: wantedNode(migration, ports),
    surroundings: around(migration, source, ports),
    others,
    waiting: queueBeside(migration, others, ports),
  };
};
