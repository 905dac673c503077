import type { Migration } from '../api/migration.ts';
import { phaseOf } from '../api/migration.ts';
import { changesNothing } from '../kube/merge-patch.ts';
import type { StatusFields } from '../migration/status.ts';
import { moveIn } from './record.ts';
import type { Tracer } from './tracer.ts';
import { noClock } from './vector-clock.ts';

const labelOf = (migration: Migration, { phase, reason, ...others }: StatusFields): string => {
  if (phase !== undefined && phase !== phaseOf(migration)) return `writes ${phase}`;
  return `writes ${reason ?? Object.keys(others).sort().join(' and ')}`;
};

/**
 * What is about to be written into a status, with the clock of its writer. It is not worth an event when it would change
 * nothing, and must stay so: who watches the record would be called for it, and perhaps write it again.
 */
export const traced = (tracer: Tracer, migration: Migration, status: StatusFields): StatusFields => {
  if (changesNothing(migration.status, status)) return status;
  const { reason } = status;
  const trace = tracer.note(
    moveIn(migration),
    labelOf(migration, status),
    reason === undefined ? undefined : { reason },
  );
  return trace === noClock ? status : { ...status, trace };
};
