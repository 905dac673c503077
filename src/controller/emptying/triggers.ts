import { isDecommissioned } from '../../api/closed-node.ts';
import type { Node } from '../../api/pod.ts';
import type { Key } from '../../kube/api.ts';
import { keyOf } from '../../kube/lookup.ts';
import { causesOf, isCause } from '../../migration/emptying/causes.ts';
import { conditionOf } from '../../migration/emptying/report.ts';
import type { Caches } from '../caches.ts';
import { nodeOfMove } from './gather.ts';

type Watched = Pick<Caches, 'nodes' | 'pods' | 'migrations' | 'policies' | 'namespaces'>;

const isEmptied = (node: Node): boolean => causesOf(node).length > 0;

/** One that was in use again while nobody led still has its condition. */
const isInQuestion = (node: Node): boolean => isEmptied(node) || conditionOf(node) !== undefined;

const isStillEmptying = (node: Node): boolean => isDecommissioned(node) && conditionOf(node)?.status !== 'True';

const keysWhere = ({ nodes }: Pick<Watched, 'nodes'>, holds: (node: Node) => boolean): readonly Key[] =>
  nodes.items().filter(holds).map(keyOf);

/** All nodes about which there may be something to do; for the beginning, and now and then in case an event was lost. */
export const nodesInQuestion = (watched: Pick<Watched, 'nodes' | 'pods' | 'migrations'>): readonly Key[] => {
  const { migrations, pods } = watched;
  const left = migrations
    .items()
    .filter(({ spec }) => isCause(spec.trigger))
    .flatMap((migration) => nodeOfMove(migration, pods) ?? []);
  const names = new Set([...keysWhere(watched, isInQuestion).map(({ name }) => name), ...left]);
  return [...names].map((name) => ({ name }));
};

/**
 * Which nodes to look at when something changes. A Migration is looked at when
 * it appears, because its node may have been opened while it was created. Of a
 * pod that is gone nobody says where it was.
 */
export const triggerEmptying = (watched: Watched, add: (key: Key) => void): void => {
  const { nodes, pods, migrations, policies, namespaces } = watched;
  const addWhere = (holds: (node: Node) => boolean): void => {
    for (const key of keysWhere(watched, holds)) add(key);
  };
  nodes.onChange((key, node) => {
    if (node) add(key);
  });
  pods.onChange((_key, pod) => {
    if (!pod) {
      addWhere(isStillEmptying);
      return;
    }
    const node = pod.spec.nodeName === undefined ? undefined : nodes.get({ name: pod.spec.nodeName });
    if (node && isEmptied(node)) add(keyOf(node));
  });
  migrations.onChange((_key, migration) => {
    const name = migration && nodeOfMove(migration, pods);
    const node = name === undefined ? undefined : nodes.get({ name });
    if (node && migration && (isCause(migration.spec.trigger) || isDecommissioned(node))) add(keyOf(node));
  });
  const addEmptied = (): void => {
    addWhere(isEmptied);
  };
  policies.onChange(addEmptied);
  // Policies select namespaces by their labels.
  namespaces.onChange(addEmptied);
};
