import type { MigrationNode } from '../../api/migration-node.ts';
import type { Migration } from '../../api/migration.ts';
import type { Node } from '../../api/pod.ts';
import { migrationNodes, migrations, nodes } from '../../api/resource.ts';
import type { Session } from '../session.ts';
import { listAll } from './pages.ts';
import { ifPermitted } from './permitted.ts';
import { type Policies, policiesIn } from './policies.ts';

/** What is known of the cluster when a pod is assessed. What the user may not read is undefined. */
export interface ClusterView {
  readonly policies: Policies | undefined;
  readonly nodes: readonly Node[] | undefined;
  /** What the agents have reported, by the names of their nodes. */
  readonly agents: ReadonlyMap<string, MigrationNode> | undefined;
  /** Those of the whole cluster, or else of the namespace. */
  readonly migrations: readonly Migration[];
  readonly now: number;
}

const readableMigrations = async (session: Session): Promise<readonly Migration[]> =>
  (await ifPermitted(listAll(migrations, {}, session))) ??
  (await ifPermitted(listAll(migrations, { namespace: session.namespace }, session))) ??
  [];

export const viewCluster = async (session: Session): Promise<ClusterView> => {
  const [policies, allNodes, agents, moves] = await Promise.all([
    policiesIn(session),
    ifPermitted(listAll(nodes, {}, session)),
    ifPermitted(listAll(migrationNodes, {}, session)),
    readableMigrations(session),
  ]);
  return {
    policies,
    nodes: allNodes,
    agents: agents && new Map(agents.map((agent) => [agent.metadata.name, agent])),
    migrations: moves,
    now: session.clock.now(),
  };
};
