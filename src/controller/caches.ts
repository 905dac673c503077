import type { IPLease, IPPool } from '../api/addresses.ts';
import type { MigrationNode } from '../api/migration-node.ts';
import type { KubeObject } from '../api/metadata.ts';
import type { MigrationPolicy } from '../api/migration-policy.ts';
import type { Migration } from '../api/migration.ts';
import type { Node, Pod } from '../api/pod.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../api/persistent-volume.ts';
import {
  ipLeases,
  ipPools,
  migrationNodes,
  migrationPolicies,
  migrations,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
} from '../api/resource.ts';
import { namespaces } from '../kube/builtin-resources.ts';
import { ObjectIndex } from '../kube/object-index.ts';
import { Reflector, type ReflectorOptions } from '../kube/reflector.ts';
import { type MigrationsAbout, migrationsAboutFrom } from './migrations-about.ts';

/** All that the controller answers from memory: webhooks and extender wait for no API server. */
export interface Caches {
  readonly migrations: Reflector<Migration>;
  readonly policies: Reflector<MigrationPolicy>;
  readonly migrationNodes: Reflector<MigrationNode>;
  readonly pods: Reflector<Pod>;
  readonly nodes: Reflector<Node>;
  readonly namespaces: Reflector<KubeObject>;
  readonly leases: Reflector<IPLease>;
  readonly pools: Reflector<IPPool>;
  readonly claims: Reflector<PersistentVolumeClaim>;
  readonly volumes: Reflector<PersistentVolume>;
  readonly migrationsAbout: MigrationsAbout;
  readonly podsOn: PodsOn;
}

/** All pods that are bound to the node of a name. */
export type PodsOn = (node: string) => readonly Pod[];

type Ports = Omit<ReflectorOptions<Pod>, 'resource' | 'selection'>;

const reflectorsOf = (ports: Ports): Omit<Caches, 'migrationsAbout' | 'podsOn'> => ({
  migrations: new Reflector({ ...ports, resource: migrations }),
  policies: new Reflector({ ...ports, resource: migrationPolicies }),
  migrationNodes: new Reflector({ ...ports, resource: migrationNodes }),
  pods: new Reflector({ ...ports, resource: pods }),
  nodes: new Reflector({ ...ports, resource: nodes }),
  namespaces: new Reflector({ ...ports, resource: namespaces }),
  leases: new Reflector({ ...ports, resource: ipLeases }),
  pools: new Reflector({ ...ports, resource: ipPools }),
  claims: new Reflector({ ...ports, resource: persistentVolumeClaims }),
  volumes: new Reflector({ ...ports, resource: persistentVolumes }),
});

export const createCaches = (ports: Ports): Caches => {
  const reflectors = reflectorsOf(ports);
  const byNode = new ObjectIndex(reflectors.pods, ({ spec: { nodeName } }) =>
    nodeName === undefined ? [] : [nodeName],
  );
  return {
    ...reflectors,
    migrationsAbout: migrationsAboutFrom(reflectors.migrations),
    podsOn: (node) => byNode.of(node),
  };
};

type Running = Pick<Reflector<Pod>, 'run' | 'synced' | 'hasSynced'>;

const all = (caches: Caches): readonly Running[] =>
  Object.values<unknown>({ ...caches }).filter((each) => each instanceof Reflector);

/** Runs all of them until the signal aborts. */
export const runCaches = async (caches: Caches, signal: AbortSignal): Promise<void> => {
  await Promise.all(all(caches).map((cache) => cache.run(signal)));
};

export const cachesSynced = async (caches: Caches, signal: AbortSignal): Promise<void> => {
  await Promise.all(all(caches).map((cache) => cache.synced(signal)));
};

export const haveSynced = (caches: Caches): boolean => all(caches).every((cache) => cache.hasSynced);
