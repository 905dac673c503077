import { type Migration, phaseOf } from '../../api/migration.ts';
import { isFinished, isTakenBack } from '../../api/phase.ts';
import { isOver } from '../status.ts';

/**
 * Has the agent of a source to let go of it, because the move has failed or was
 * taken back? Signals are held then, or it has to be ended.
 */
export const isDueForFarewell = (migration: Migration): boolean => {
  const phase = phaseOf(migration);
  const { source } = migration.status ?? {};
  return (
    source?.keepsName === true && isFinished(phase) && isTakenBack(phase) && !isOver(migration) && source.ended !== true
  );
};
