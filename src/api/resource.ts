import type { z } from 'zod';
import { ipLease, ipPool } from './addresses.ts';
import { type Eviction, eviction } from './eviction.ts';
import { group, version } from './group.ts';
import type { KubeObject } from './metadata.ts';
import { migrationNode } from './migration-node.ts';
import { migrationPolicy } from './migration-policy.ts';
import { migration } from './migration.ts';
import {
  type PersistentVolume,
  persistentVolume,
  type PersistentVolumeClaim,
  persistentVolumeClaim,
} from './persistent-volume.ts';
import { node, pod } from './pod.ts';
import { statefulSet } from './stateful-set.ts';

/** A kind as the API server addresses it, with the schema that its objects are read through. */
export interface Resource<T extends KubeObject> {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly schema: z.ZodType<T>;
}

const ours = <T extends KubeObject>(
  kind: string,
  plural: string,
  namespaced: boolean,
  schema: z.ZodType<T>,
): Resource<T> => ({
  group,
  version,
  kind,
  plural,
  namespaced,
  schema,
});

export const migrations = ours('Migration', 'migrations', true, migration);
export const migrationPolicies = ours('MigrationPolicy', 'migrationpolicies', false, migrationPolicy);
export const migrationNodes = ours('MigrationNode', 'migrationnodes', false, migrationNode);
export const ipPools = ours('IPPool', 'ippools', false, ipPool);
export const ipLeases = ours('IPLease', 'ipleases', false, ipLease);

export const statefulSets: Resource<z.infer<typeof statefulSet>> = {
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  namespaced: true,
  schema: statefulSet,
};

export const pods: Resource<z.infer<typeof pod>> = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  namespaced: true,
  schema: pod,
};
export const nodes: Resource<z.infer<typeof node>> = {
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  namespaced: false,
  schema: node,
};
export const persistentVolumeClaims: Resource<PersistentVolumeClaim> = {
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  namespaced: true,
  schema: persistentVolumeClaim,
};
export const persistentVolumes: Resource<PersistentVolume> = {
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  namespaced: false,
  schema: persistentVolume,
};

/** Served only where the feature gate EvictionRequestAPI and the API version are on. */
export const evictions: Resource<Eviction> = {
  group: 'lifecycle.k8s.io',
  version: 'v1alpha1',
  kind: 'Eviction',
  plural: 'evictions',
  namespaced: true,
  schema: eviction,
};
