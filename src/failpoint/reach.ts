import { attemptOf, type Migration, phaseOf } from '../api/migration.ts';
import type { FailPoints, PointedMove } from './fail-points.ts';
import type { Directive, FailPoint } from './points.ts';

const moveOf = (migration: Migration): PointedMove => ({
  uid: migration.metadata.uid,
  name: migration.metadata.name,
  attempt: attemptOf(migration),
});

/** A move has come to a point. Rejects when the step is to fail; for other directives it is its caller's to know them. */
export const reach = async (points: FailPoints, point: FailPoint, migration: Migration): Promise<Directive> => {
  const directive = await points.reach(point, moveOf(migration));
  if (directive === 'fail') throw new Error(`An injected fault let the step ${point} fail`);
  return directive;
};

/** The API server has written a status. Rejects when its answer is to be lost, as the transport does. */
export const reachAnswer = async (
  points: FailPoints,
  point: Extract<FailPoint, `${string}.answer`>,
  written: Migration,
): Promise<void> => {
  const directive = await points.reach(point, moveOf(written), phaseOf(written));
  if (directive === 'lose-answer') throw new Error('An injected fault has lost the answer of the API server');
};
