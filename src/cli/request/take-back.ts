import { type Migration, phaseOf } from '../../api/migration.ts';
import { isCommitted, isFinished } from '../../api/phase.ts';
import { migrations } from '../../api/resource.ts';
import { isRemoved } from '../../migration/namesake/removal.ts';
import { isRefused } from '../../kube/api-error.ts';
import { found } from '../../kube/live.ts';
import { keyOf } from '../../kube/lookup.ts';
import { annotated } from '../../trace/annotated.ts';
import { moveIn } from '../../trace/record.ts';
import { UserError } from '../failure.ts';
import type { Change } from '../output/changes.ts';
import { whole } from '../output/objects.ts';
import type { Session } from '../session.ts';
import type { DryRunOptions } from '../usage/flags.ts';

/** Why a move cannot be taken back any more; undefined while it can. */
const tooLate = (migration: Migration): string | undefined => {
  const { name } = migration.metadata;
  const phase = phaseOf(migration);
  if (phase === 'Committed')
    return `Migration ${name} has committed: its pod runs as ${migration.status?.target?.podName ?? 'the target'} from now on, and there is nothing to take back any more`;
  if (!isFinished(phase) && isRemoved(migration))
    return `Migration ${name} has removed the object of pod ${migration.spec.podName} so that its target can have the name: to take the move back would end the pod`;
  if (isFinished(phase) || isCommitted(phase))
    return `Migration ${name} has ended (${phase}): there is nothing to take back any more`;
  return undefined;
};

const patched = async (migration: Migration, { dryRun }: DryRunOptions, session: Session): Promise<Change> => {
  const { api, signal, tracer } = session;
  const change = { resource: migrations, what: 'cancellation requested' };
  const wanted = { ...migration, spec: { ...migration.spec, cancel: true } };
  if (dryRun === 'client') return { ...change, object: wanted };
  // Another Migration may have got the name since.
  const patch = { metadata: { uid: migration.metadata.uid }, spec: { cancel: true } };
  const options = { dryRun: dryRun === 'server' };
  const body = annotated(patch, tracer.mark(moveIn(migration), 'asks for the move to be taken back'));
  return { ...change, object: await api.patch(whole(migrations), keyOf(migration), body, options, signal) };
};

/**
 * Asks for the move to be taken back. It races with the commit, and the API
 * server refuses it when the commit was first: that too is told as a `UserError`.
 */
export const takeBack = async (migration: Migration, options: DryRunOptions, session: Session): Promise<Change> => {
  const late = tooLate(migration);
  if (late !== undefined) throw new UserError(late);
  if (migration.spec.cancel === true)
    return { resource: migrations, object: migration, what: 'unchanged', note: 'cancellation was requested before' };
  try {
    return await patched(migration, options, session);
  } catch (error) {
    const now = isRefused(error) ? await found(session.api, migrations, keyOf(migration), session.signal) : undefined;
    const lateNow = now && tooLate(now);
    throw lateNow === undefined ? error : new UserError(lateNow);
  }
};
