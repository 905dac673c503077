import { isDecommissioned } from '../../api/closed-node.ts';
import { type Migration, phaseOf } from '../../api/migration.ts';
import { migrationAnnotation } from '../../api/names.ts';
import type { Pod } from '../../api/pod.ts';
import type { Key } from '../../kube/api.ts';
import { keyOf } from '../../kube/lookup.ts';
import { isHeld } from '../../migration/hold.ts';
import { isOver, isUnderWay } from '../../migration/status.ts';
import type { Caches } from '../caches.ts';

/** Is there still something to do about it? */
const isLive = (migration: Migration): boolean => !isOver(migration) || isHeld(migration);

const isAbout = (migration: Migration, key: Key): boolean =>
  migration.metadata.namespace === key.namespace &&
  (migration.spec.podName === key.name || migration.status?.target?.podName === key.name);

/**
 * Which Migrations to look at when something changes: the one itself; those of
 * a pod; those to a node that is decommissioned; and when a move ends, all that
 * wait for room.
 */
export const triggerMoves = (
  { migrations, pods, nodes }: Pick<Caches, 'migrations' | 'pods' | 'nodes'>,
  add: (key: Key) => void,
): void => {
  const addWhere = (holds: (migration: Migration) => boolean): void => {
    for (const migration of migrations.items()) if (isLive(migration) && holds(migration)) add(keyOf(migration));
  };
  migrations.onChange((key, migration) => {
    if (migration && isLive(migration)) add(key);
    if (!migration || !isUnderWay(migration)) addWhere((other) => phaseOf(other) === 'Pending');
  });
  pods.onChange((key, pod: Pod | undefined) => {
    const name = pod?.metadata.annotations?.[migrationAnnotation];
    if (name !== undefined)
      addWhere((migration) => migration.metadata.name === name && migration.metadata.namespace === key.namespace);
    addWhere((migration) => isAbout(migration, key));
  });
  nodes.onChange(({ name }, node) => {
    if (node && isDecommissioned(node)) addWhere(({ status }) => status?.target?.nodeName === name);
  });
};

/** All that are not done with; for the beginning, and now and then in case an event was lost. */
export const liveMoves = ({ migrations }: Pick<Caches, 'migrations'>): readonly Key[] =>
  migrations.items().filter(isLive).map(keyOf);
