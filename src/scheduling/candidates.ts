import type { MigrationNode } from '../api/migration-node.ts';
import { type Migration, phaseOf } from '../api/migration.ts';
import { isFinished } from '../api/phase.ts';
import type { Node } from '../api/pod.ts';
import type { Lookup } from '../kube/lookup.ts';
import type { Candidate } from '../migration/node-fit/candidate.ts';

export interface KnownNodes {
  readonly migrations: Lookup<Migration>;
  readonly migrationNodes: Lookup<MigrationNode>;
  readonly nodes: Lookup<Node>;
}

/** How many unfinished moves go to each node, but for the one with this UID. */
const inboundCounts = (
  migrations: readonly Migration[],
  exceptUID: string | undefined,
): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const migration of migrations) {
    const node = migration.status?.target?.nodeName;
    if (node === undefined || migration.metadata.uid === exceptUID || isFinished(phaseOf(migration))) continue;
    counts.set(node, (counts.get(node) ?? 0) + 1);
  }
  return counts;
};

/** What is known of these nodes as places for a target; the move that it belongs to does not count. */
export const candidatesOf = (
  names: readonly string[],
  { migrations, migrationNodes, nodes }: KnownNodes,
  exceptUID?: string,
): readonly Candidate[] => {
  const inbound = inboundCounts(migrations.items(), exceptUID);
  return names.map((name) => ({
    name,
    node: nodes.get({ name }),
    agent: migrationNodes.get({ name }),
    inbound: inbound.get(name) ?? 0,
  }));
};

/** Counted once for all who ask before a Migration changes. */
const counted = new WeakMap<readonly Migration[], ReadonlyMap<string, number>>();

const allInbound = (migrations: readonly Migration[]): ReadonlyMap<string, number> => {
  const counts = counted.get(migrations) ?? inboundCounts(migrations, undefined);
  counted.set(migrations, counts);
  return counts;
};

/** All nodes as places for a pod, each put together when it is its turn: whoever looks for one that fits finds it among the first. */
export const everyCandidate = ({ migrations, migrationNodes, nodes }: KnownNodes): Iterable<Candidate> => ({
  *[Symbol.iterator]() {
    const inbound = allInbound(migrations.items());
    for (const node of nodes.items()) {
      const { name } = node.metadata;
      yield { name, node, agent: migrationNodes.get({ name }), inbound: inbound.get(name) ?? 0 };
    }
  },
});
