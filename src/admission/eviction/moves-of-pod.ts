import { type Migration, phaseOf } from '../../api/migration.ts';
import { isFinished } from '../../api/phase.ts';
import type { Pod } from '../../api/pod.ts';
import { isMoveOf } from '../../migration/move-of.ts';
import { phaseSince } from '../../migration/status.ts';

export const isUnfinished = (migration: Migration): boolean => !isFinished(phaseOf(migration));

const meantUID = ({ spec, status }: Migration): string | undefined => status?.source?.podUID ?? spec.podUID;

const newestFirst = (a: Migration, b: Migration): number =>
  (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? '');

/** The one that matters now: the one under way, or else the latest. */
const foremost = (moves: readonly Migration[]): Migration | undefined => {
  const sorted = moves.toSorted(newestFirst);
  return sorted.find(isUnfinished) ?? sorted[0];
};

/** The move of this pod that matters now. */
export const moveOf = (pod: Pod, migrations: readonly Migration[]): Migration | undefined =>
  foremost(migrations.filter(isMoveOf(pod)));

/** The move that matters of a pod that may be gone. */
export const moveOfUID = (uid: string, migrations: readonly Migration[]): Migration | undefined =>
  foremost(migrations.filter((migration) => meantUID(migration) === uid));

/** Is its target called after its source? */
export const keepsName = ({ spec, status }: Migration): boolean => status?.target?.podName === spec.podName;

/** Between its two pods, of which only one can have the name, a move has none. */
export const moveBetween = (podName: string, migrations: readonly Migration[]): Migration | undefined =>
  migrations.find((migration) => migration.spec.podName === podName && isUnfinished(migration) && keepsName(migration));

/** The unfinished move that this pod is the target of. */
export const moveTo = ({ metadata: { name, uid } }: Pod, migrations: readonly Migration[]): Migration | undefined =>
  migrations.find((migration) => {
    const { source, target } = migration.status ?? {};
    const isNamed = target?.podName === name && source?.podUID !== uid;
    return isUnfinished(migration) && isNamed && (target.podUID === undefined || target.podUID === uid);
  });

/** `kubectl drain` repeats what was refused after 5 s; so late may come what was meant for the source. */
export const staleMs = 15_000;

/** The move that has just made this pod, under the name of its source. */
export const arrivalOf = (pod: Pod, migrations: readonly Migration[], now: number): Migration | undefined =>
  migrations.find(
    (migration) =>
      phaseOf(migration) === 'Succeeded' &&
      keepsName(migration) &&
      migration.spec.podName === pod.metadata.name &&
      migration.status?.target?.podUID === pod.metadata.uid &&
      now - phaseSince(migration) < staleMs,
  );
