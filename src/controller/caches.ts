import type { IPLease } from '../api/addresses.ts';
import type { MigrationNode } from '../api/migration-node.ts';
import {
  builtInPolicy,
  defaultPolicyName,
  type MigrationPolicy,
  type MigrationPolicySpec,
} from '../api/migration-policy.ts';
import type { Migration } from '../api/migration.ts';
import type { Node, Pod } from '../api/pod.ts';
import { ipLeases, migrationNodes, migrationPolicies, migrations, nodes, pods } from '../api/resource.ts';
import { type Lookup } from '../kube/lookup.ts';
import { Reflector, type ReflectorOptions } from '../kube/reflector.ts';

/** All that the controller answers from memory: webhooks and extender wait for no API server. */
export interface Caches {
  readonly migrations: Reflector<Migration>;
  readonly policies: Reflector<MigrationPolicy>;
  readonly migrationNodes: Reflector<MigrationNode>;
  readonly pods: Reflector<Pod>;
  readonly nodes: Reflector<Node>;
  readonly leases: Reflector<IPLease>;
}

type Ports = Omit<ReflectorOptions<Pod>, 'resource' | 'selection'>;

export const createCaches = (ports: Ports): Caches => ({
  migrations: new Reflector({ ...ports, resource: migrations }),
  policies: new Reflector({ ...ports, resource: migrationPolicies }),
  migrationNodes: new Reflector({ ...ports, resource: migrationNodes }),
  pods: new Reflector({ ...ports, resource: pods }),
  nodes: new Reflector({ ...ports, resource: nodes }),
  leases: new Reflector({ ...ports, resource: ipLeases }),
});

type Running = Pick<Reflector<Pod>, 'run' | 'synced' | 'hasSynced'>;

const all = (caches: Caches): Running[] => Object.values(caches) as Running[];

/** Runs all of them until the signal aborts. */
export const runCaches = async (caches: Caches, signal: AbortSignal): Promise<void> => {
  await Promise.all(all(caches).map((cache) => cache.run(signal)));
};

export const cachesSynced = async (caches: Caches, signal: AbortSignal): Promise<void> => {
  await Promise.all(all(caches).map((cache) => cache.synced(signal)));
};

export const haveSynced = (caches: Caches): boolean => all(caches).every((cache) => cache.hasSynced);

/** The one policy of this version, or what is built in where nobody has written it. */
export const policyFrom = (policies: Lookup<MigrationPolicy>): MigrationPolicySpec =>
  policies.get({ name: defaultPolicyName })?.spec ?? builtInPolicy;
