import { isDeepStrictEqual } from 'node:util';
import type { Condition } from '../api/metadata.ts';
import { type Migration, type MigrationStatus, phaseOf } from '../api/migration.ts';
import { mayFollow } from '../api/phase.ts';
import { migrations } from '../api/resource.ts';
import { ReasonedError } from '../api/reasons.ts';
import { type Clock, timestamp } from '../clock/clock.ts';
import { ApiError, isConflict, isServerTrouble } from '../kube/api-error.ts';
import type { KubeApi } from '../kube/api.ts';
import { keyOf } from '../kube/lookup.ts';
import { mergePatch } from '../kube/merge-patch.ts';
import { afterFault } from '../migration/attempt.ts';
import { phaseChange, type PhaseChange, type StatusPatch, type Verdict } from '../migration/status.ts';

/** The API server has answered, and has written nothing. */
const isRefusal = (error: unknown): boolean => error instanceof ApiError && !isServerTrouble(error);

/** Is a status what it would be after this merge patch? */
const holds = (status: MigrationStatus | undefined, patch: StatusPatch['status']): boolean =>
  isDeepStrictEqual(mergePatch(status, JSON.parse(JSON.stringify(patch))), status);

/**
 * Does the history of a status have the phase that a patch would enter? Whoever is told by the record may have written
 * since, as the source's agent does within milliseconds of a target's arrival; the history keeps what was before.
 */
const isPast = (status: MigrationStatus | undefined, { phaseTransitions }: StatusPatch['status']): boolean => {
  const entered = phaseTransitions?.at(-1);
  return (
    entered !== undefined &&
    (status?.phaseTransitions ?? []).some((transition) => isDeepStrictEqual(transition, entered))
  );
};

/** A change of phase, and why. */
export type Transition = Omit<PhaseChange, 'now'>;

const withCondition = (migration: Migration, condition: Condition): Condition[] => [
  ...(migration.status?.conditions ?? []).filter((c) => c.type !== condition.type),
  condition,
];

/** The agents' pen for the record of a move. Every write is a compare-and-swap on the object that it was given. */
export interface Record {
  /** Changes the phase. Rejects with CommitRefused when the record has moved on since `migration` was read. */
  transition(migration: Migration, transition: Transition, signal?: AbortSignal): Promise<Migration>;
  /** Ends the present attempt: what follows is for its reason and the number of attempts to say. */
  end(
    migration: Migration,
    verdict: Verdict,
    options: { readonly isTargetWaiting: boolean },
    signal?: AbortSignal,
  ): Promise<Migration>;
  /** Sets a condition, and fields beside it, without changing the phase. */
  note(
    migration: Migration,
    condition: Omit<Condition, 'lastTransitionTime'> | undefined,
    change: Partial<MigrationStatus>,
    signal?: AbortSignal,
  ): Promise<Migration>;
  read(migration: Migration, signal?: AbortSignal): Promise<Migration>;
}

/** @param written is told of every write that has succeeded; what it rejects with is taken for the answer to the write. */
export const openRecord = (
  api: KubeApi,
  clock: Clock,
  written: (migration: Migration) => Promise<void> = () => Promise.resolve(),
): Record => {
  /** No answer does not mean that nothing was written. What may still be on its way is the caller's to deal with. */
  const writtenAnyway = async (
    migration: Migration,
    status: StatusPatch['status'],
    error: unknown,
    signal?: AbortSignal,
  ): Promise<Migration> => {
    const now = await api.get(migrations, keyOf(migration), signal).catch(() => undefined); // the first error tells more
    const isSame = now?.metadata.uid === migration.metadata.uid;
    if (isSame && (holds(now.status, status) || isPast(now.status, status))) return now;
    throw error;
  };
  const swap = async (
    migration: Migration,
    status: StatusPatch['status'],
    signal?: AbortSignal,
  ): Promise<Migration> => {
    const { resourceVersion } = migration.metadata;
    const patch = { metadata: { resourceVersion }, status };
    try {
      const answer = await api.patch(migrations, keyOf(migration), patch, { subresource: 'status' }, signal);
      await written(answer);
      return answer;
    } catch (error) {
      if (!isRefusal(error)) return await writtenAnyway(migration, status, error, signal);
      if (!isConflict(error)) throw error;
      throw new ReasonedError(
        'CommitRefused',
        `Migration ${migration.metadata.namespace ?? ''}/${migration.metadata.name} was changed by somebody else`,
        { cause: error },
      );
    }
  };
  const lawful = (migration: Migration, { status }: StatusPatch): StatusPatch['status'] => {
    const from = phaseOf(migration);
    const to = status.phase ?? from;
    if (mayFollow(from, to)) return status;
    throw new ReasonedError('CommitRefused', `Migration ${migration.metadata.name} cannot go from ${from} to ${to}`);
  };
  return {
    async transition(migration, transition, signal) {
      const patch = phaseChange(migration, { ...transition, now: clock.now() });
      return await swap(migration, lawful(migration, patch), signal);
    },
    async end(migration, verdict, options, signal) {
      const patch = afterFault(migration, verdict, { ...options, now: clock.now() });
      return await swap(migration, lawful(migration, patch), signal);
    },
    note(migration, condition, change, signal) {
      const conditions =
        condition && withCondition(migration, { ...condition, lastTransitionTime: timestamp(clock.now()) });
      return swap(migration, { ...change, ...(conditions && { conditions }) }, signal);
    },
    read: (migration, signal) => api.get(migrations, keyOf(migration), signal),
  };
};
