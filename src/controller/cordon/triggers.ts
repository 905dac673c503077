import { isCordoned } from '../../api/closed-node.ts';
import type { Migration } from '../../api/migration.ts';
import type { Pod } from '../../api/pod.ts';
import type { Key } from '../../kube/api.ts';
import { keyOf, type Lookup } from '../../kube/lookup.ts';
import type { Caches } from '../caches.ts';

/** A Migration that has not been looked at yet names no node; its pod does. */
const nodeOf = ({ metadata, spec, status }: Migration, pods: Lookup<Pod>): string | undefined =>
  status?.source?.nodeName ?? pods.get({ namespace: metadata.namespace, name: spec.podName })?.spec.nodeName;

export const isOnNode = (migration: Migration, node: string, pods: Lookup<Pod>): boolean =>
  nodeOf(migration, pods) === node;

type Watched = Pick<Caches, 'nodes' | 'pods' | 'migrations' | 'policies' | 'namespaces'>;

const cordonedNodes = ({ nodes }: Pick<Watched, 'nodes'>): readonly Key[] =>
  nodes.items().filter(isCordoned).map(keyOf);

/** All nodes about which there may be something to do; for the beginning, and now and then in case an event was lost. */
export const nodesInQuestion = (watched: Omit<Watched, 'policies' | 'namespaces'>): readonly Key[] => {
  const { migrations, pods } = watched;
  const left = migrations
    .items()
    .filter(({ spec }) => spec.trigger === 'Cordon')
    .flatMap((migration) => nodeOf(migration, pods) ?? []);
  const names = new Set([...cordonedNodes(watched).map(({ name }) => name), ...left]);
  return [...names].map((name) => ({ name }));
};

/**
 * Which nodes to look at when something changes. A Migration is looked at when
 * it appears, because its node may have been uncordoned while it was created.
 */
export const triggerCordons = (watched: Watched, add: (key: Key) => void): void => {
  const { nodes, pods, migrations, policies, namespaces } = watched;
  nodes.onChange((key, node) => {
    if (node) add(key);
  });
  pods.onChange((_key, pod) => {
    const name = pod?.spec.nodeName;
    const node = name === undefined ? undefined : nodes.get({ name });
    if (node && isCordoned(node)) add(keyOf(node));
  });
  migrations.onChange((_key, migration) => {
    if (migration?.spec.trigger !== 'Cordon') return;
    const name = nodeOf(migration, pods);
    if (name !== undefined) add({ name });
  });
  const addCordoned = (): void => {
    for (const key of cordonedNodes(watched)) add(key);
  };
  policies.onChange(addCordoned);
  // Policies select namespaces by their labels.
  namespaces.onChange(addCordoned);
};
