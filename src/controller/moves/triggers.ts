import { isDecommissioned } from '../../api/closed-node.ts';
import { type Migration, phaseOf } from '../../api/migration.ts';
import { migrationAnnotation } from '../../api/names.ts';
import { isFinished } from '../../api/phase.ts';
import type { Pod } from '../../api/pod.ts';
import type { Key } from '../../kube/api.ts';
import { keyOf } from '../../kube/lookup.ts';
import { isHeld } from '../../migration/hold.ts';
import { isOver } from '../../migration/status.ts';
import type { Caches } from '../caches.ts';

/** Is there still something to do about it? */
const isLive = (migration: Migration): boolean => !isOver(migration) || isHeld(migration);

const isTo =
  (node: string) =>
  ({ spec, status }: Migration): boolean =>
    [spec.targetNodeName, status?.target?.nodeName].includes(node);

/**
 * Which Migrations to look at when something changes: the one itself; those of
 * a pod; those to a node that is decommissioned; and when a move ends, all that
 * wait for room. Of one that begins to wait, or says why it does, the others
 * need not hear: there is no more room than before.
 */
export const triggerMoves = (
  { migrations, migrationsAbout, pods, nodes }: Pick<Caches, 'migrations' | 'migrationsAbout' | 'pods' | 'nodes'>,
  add: (key: Key) => void,
): void => {
  const addLive = (some: readonly (Migration | undefined)[]): void => {
    for (const migration of some) if (migration && isLive(migration)) add(keyOf(migration));
  };
  const addWhere = (holds: (migration: Migration) => boolean): void => {
    addLive(migrations.items().filter(holds));
  };
  migrations.onChange((key, migration) => {
    if (migration && isLive(migration)) add(key);
    if (!migration || isFinished(phaseOf(migration))) addWhere((other) => phaseOf(other) === 'Pending');
  });
  pods.onChange(({ namespace = 'default', name }, pod: Pod | undefined) => {
    const made = pod?.metadata.annotations?.[migrationAnnotation];
    const maker = made === undefined ? undefined : migrations.get({ namespace, name: made });
    addLive([maker, ...migrationsAbout({ namespace, name })]);
  });
  nodes.onChange(({ name }, node) => {
    if (node && isDecommissioned(node)) addWhere(isTo(name));
  });
};

/** All that are not done with; for the beginning, and now and then in case an event was lost. */
export const liveMoves = ({ migrations }: Pick<Caches, 'migrations'>): readonly Key[] =>
  migrations.items().filter(isLive).map(keyOf);
