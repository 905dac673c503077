import { type Migration, phaseOf } from '../../api/migration.ts';
import { isCommitted, isFinished } from '../../api/phase.ts';
import type { Pod } from '../../api/pod.ts';
import { isOver } from '../status.ts';
import { targetPodName } from '../target-pod/target-name.ts';
import { isOfNamesakes, statefulSetOf } from './kind.ts';
import { isRemoved, removedPod } from './removal.ts';
import { revisionLabel } from './stateful-set.ts';

/**
 * What a pod that is about to be made is to a move whose target has the name of its source:
 *
 *   target   it is to become the target; `source` is what it takes the place of
 *   taken    it must not be made yet: the name is the move's
 */
export type Succession = {
  readonly as: 'target' | 'taken';
  readonly migration: Migration;
  readonly source: Pod;
};

/** Made by the same StatefulSet from the same template? */
const isKin = (pod: Pod, removed: Pod): boolean =>
  statefulSetOf(pod) !== undefined &&
  statefulSetOf(pod)?.uid === statefulSetOf(removed)?.uid &&
  pod.metadata.labels?.[revisionLabel] === removed.metadata.labels?.[revisionLabel];

/** Before the removal, under another name, to see whether we are asked (src/migration/namesake/removing.ts). */
const isRehearsal = (pod: Pod, migration: Migration): boolean =>
  phaseOf(migration) === 'Preparing' && !isRemoved(migration) && pod.metadata.name === targetPodName(migration);

const asTo = (pod: Pod, migration: Migration): Succession | undefined => {
  if (isRehearsal(pod, migration)) return { as: 'target', migration, source: pod };
  const source = removedPod(migration);
  const phase = phaseOf(migration);
  if (!source || isCommitted(phase) || pod.metadata.name !== migration.spec.podName) return undefined;
  if (migration.status?.source?.ended) return undefined; // nothing of it runs: it may be made anew
  return { as: !isFinished(phase) && isKin(pod, source) ? 'target' : 'taken', migration, source };
};

/** Undefined for a pod that no such move is about. */
export const successionOf = (pod: Pod, migrations: readonly Migration[]): Succession | undefined =>
  migrations
    .filter(
      (migration) =>
        migration.metadata.namespace === pod.metadata.namespace && isOfNamesakes(migration) && !isOver(migration),
    )
    .map((migration) => asTo(pod, migration))
    .find((succession) => succession !== undefined);
