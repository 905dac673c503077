import type { KubeObject } from '../../api/metadata.ts';
import type { MigrationNode } from '../../api/migration-node.ts';
import type { Migration } from '../../api/migration.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/persistent-volume.ts';
import type { Node } from '../../api/pod.ts';
import {
  migrationNodes,
  migrations,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  type Resource,
} from '../../api/resource.ts';
import type { Selection } from '../../kube/api.ts';
import { type Lookup, lookupIn } from '../../kube/lookup.ts';
import type { Session } from '../session.ts';
import { listAll } from './pages.ts';
import { ifPermitted } from './permitted.ts';
import { type Policies, policiesIn } from './policies.ts';

/** What is known of the cluster when a pod is assessed. What the user may not read is undefined. */
export interface ClusterView {
  readonly policies: Policies | undefined;
  readonly nodes: Lookup<Node> | undefined;
  /** What the agents have reported, by the names of their nodes. */
  readonly agents: Lookup<MigrationNode> | undefined;
  /** Those of the whole cluster, or else of the namespace. */
  readonly migrations: Lookup<Migration>;
  readonly claims: Lookup<PersistentVolumeClaim> | undefined;
  readonly volumes: Lookup<PersistentVolume> | undefined;
  readonly now: number;
}

const read = async <T extends KubeObject>(
  resource: Resource<T>,
  selection: Selection,
  session: Session,
): Promise<Lookup<T> | undefined> => {
  const found = await ifPermitted(listAll(resource, selection, session));
  return found && lookupIn(found);
};

/** Of the whole cluster, or else of the namespace: more a user may not read. */
const readWidely = async <T extends KubeObject>(
  resource: Resource<T>,
  session: Session,
): Promise<Lookup<T> | undefined> =>
  (await read(resource, {}, session)) ?? (await read(resource, { namespace: session.namespace }, session));

export const viewCluster = async (session: Session): Promise<ClusterView> => {
  const [policies, allNodes, agents, moves, claims, volumes] = await Promise.all([
    policiesIn(session),
    read(nodes, {}, session),
    read(migrationNodes, {}, session),
    readWidely(migrations, session),
    readWidely(persistentVolumeClaims, session),
    read(persistentVolumes, {}, session),
  ]);
  const known = { policies, nodes: allNodes, agents, migrations: moves ?? lookupIn<Migration>([]) };
  return { ...known, claims, volumes, now: session.clock.now() };
};
