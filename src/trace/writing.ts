import { type Migration, phaseOf } from '../api/migration.ts';
import type { Phase } from '../api/phase.ts';
import { changesNothing } from '../kube/merge-patch.ts';
import type { StatusFields } from '../migration/status.ts';
import { moveIn } from './record.ts';
import type { Tracer } from './tracer.ts';
import { noClock } from './vector-clock.ts';

const newPhase = (migration: Migration, { phase }: StatusFields): Phase | undefined =>
  phase === phaseOf(migration) ? undefined : phase;

const labelOf = (migration: Migration, status: StatusFields): string => {
  const { reason } = status;
  const fields = Object.keys(status).filter((name) => name !== 'phase');
  return `writes ${newPhase(migration, status) ?? reason ?? fields.sort().join(' and ')}`;
};

/**
 * What is about to be written into a status, with the clock of its writer. It is not worth an event when it would change
 * nothing, and must stay so: who watches the record would be called for it, and perhaps write it again.
 */
export const traced = (tracer: Tracer, migration: Migration, status: StatusFields): StatusFields => {
  // A commit need not look: it is in the freeze.
  if (newPhase(migration, status) === undefined && changesNothing(migration.status, status)) return status;
  const { reason } = status;
  const trace = tracer.note(
    moveIn(migration),
    labelOf(migration, status),
    reason === undefined ? undefined : { reason },
  );
  return trace === noClock ? status : { ...status, trace };
};
