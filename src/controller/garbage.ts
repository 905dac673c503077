import type { IPLease } from '../api/addresses.ts';
import { type Migration, phaseOf } from '../api/migration.ts';
import type { MigrationNode } from '../api/migration-node.ts';
import { migrationAnnotation, targetLabel } from '../api/names.ts';
import { isCommitted, isFinished } from '../api/phase.ts';
import { containerStatusesOf, type Node, type Pod } from '../api/pod.ts';
import type { Lookup } from '../kube/lookup.ts';
import { leaseIsNamedBy } from '../migration/lease.ts';
import { conditionOf, isOver } from '../migration/status.ts';

/** What garbage is told from: the caches, all of them filled. */
export interface Remains {
  readonly migrations: Lookup<Migration>;
  readonly migrationNodes: Lookup<MigrationNode>;
  readonly nodes: Lookup<Node>;
  readonly pods: Lookup<Pod>;
  readonly leases: Lookup<IPLease>;
}

const newestKept = 50;
/** Users read them, and the webhook still answers evictions from them. */
const shortestStayMs = 10 * 60_000;
const longestStayMs = 3_600_000;

const finishedAt = (migration: Migration): number =>
  Date.parse(conditionOf(migration, 'Finished')?.lastTransitionTime ?? '') || 0;

/** Finished Migrations stay for an hour, and of many the last fifty. */
export const staleMigrations = ({ migrations }: Remains, now: number): readonly Migration[] =>
  migrations
    .items()
    .filter(isOver)
    .sort((a, b) => finishedAt(b) - finishedAt(a))
    .filter((migration, index) => {
      const age = now - finishedAt(migration);
      return age >= longestStayMs || (index >= newestKept && age >= shortestStayMs);
    });

export const strayNodes = ({ migrationNodes, nodes }: Remains): readonly MigrationNode[] =>
  migrationNodes.items().filter(({ metadata: { name } }) => nodes.get({ name }) === undefined);

const hasTenant = (lease: IPLease, { pods }: Remains): boolean =>
  pods.get({ namespace: lease.spec.podNamespace, name: lease.spec.podName })?.metadata.uid === lease.spec.podUID;

/** Addresses that nobody has any more: the pod is gone, and no move still counts on them. */
export const strayLeases = (remains: Remains): readonly IPLease[] =>
  remains.leases
    .items()
    .filter(
      (lease) =>
        !hasTenant(lease, remains) && !remains.migrations.items().some((migration) => leaseIsNamedBy(lease, migration)),
    );

const runs = (pod: Pod): boolean => containerStatusesOf(pod).some((status) => status.state?.running !== undefined);

/** Of an attempt that was taken back, or of a move that was: its creation may have reached the API server after its removal. */
const isLeftBehind = (pod: Pod, migration: Migration): boolean => {
  if (isCommitted(phaseOf(migration))) return false;
  return (
    isOver(migration) || (!isFinished(phaseOf(migration)) && migration.status?.target?.podName !== pod.metadata.name)
  );
};

/**
 * Targets whose move is over without a commit, or whose Migration was removed by
 * force. Of the latter one that runs may be all that is left of the pod: it stays.
 */
export const strayTargets = ({ pods, migrations }: Remains): readonly Pod[] =>
  pods.items().filter((pod) => {
    const name = pod.metadata.annotations?.[migrationAnnotation];
    if (pod.metadata.labels?.[targetLabel] === undefined || name === undefined) return false;
    const migration = migrations.get({ namespace: pod.metadata.namespace, name });
    return migration ? isLeftBehind(pod, migration) : !runs(pod);
  });
