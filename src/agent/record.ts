import type { Condition } from '../api/metadata.ts';
import { type Migration, type MigrationStatus, phaseOf } from '../api/migration.ts';
import { mayFollow, type Phase } from '../api/phase.ts';
import { migrations } from '../api/resource.ts';
import { type Finding, ReasonedError } from '../api/reasons.ts';
import { type Clock, timestamp } from '../clock/clock.ts';
import { isConflict } from '../kube/api-error.ts';
import type { KubeApi } from '../kube/api.ts';
import { keyOf } from '../kube/lookup.ts';

type Change = Partial<Omit<MigrationStatus, 'phase' | 'phaseTransitions' | 'conditions'>>;

export interface Transition {
  readonly to: Phase;
  readonly finding: Finding;
  readonly change?: Change;
}

const withCondition = (migration: Migration, condition: Condition): Condition[] => [
  ...(migration.status?.conditions ?? []).filter((c) => c.type !== condition.type),
  condition,
];

/** The agents' pen for the record of a move. Every write is a compare-and-swap on the object that it was given. */
export interface Record {
  /** Changes the phase. Rejects with CommitRefused when the record has moved on since `migration` was read. */
  transition(migration: Migration, transition: Transition, signal?: AbortSignal): Promise<Migration>;
  /** Sets a condition, and fields beside it, without changing the phase. */
  note(
    migration: Migration,
    condition: Omit<Condition, 'lastTransitionTime'> | undefined,
    change: Change,
    signal?: AbortSignal,
  ): Promise<Migration>;
  read(migration: Migration, signal?: AbortSignal): Promise<Migration>;
}

export const openRecord = (api: KubeApi, clock: Clock): Record => {
  const swap = async (migration: Migration, status: object, signal?: AbortSignal): Promise<Migration> => {
    const { resourceVersion } = migration.metadata;
    try {
      return await api.patch(
        migrations,
        keyOf(migration),
        { metadata: { resourceVersion }, status },
        { subresource: 'status' },
        signal,
      );
    } catch (error) {
      if (!isConflict(error)) throw error;
      throw new ReasonedError(
        'CommitRefused',
        `Migration ${migration.metadata.namespace ?? ''}/${migration.metadata.name} was changed by somebody else`,
        { cause: error },
      );
    }
  };
  return {
    async transition(migration, { to, finding, change }, signal) {
      const from = phaseOf(migration);
      if (!mayFollow(from, to))
        throw new ReasonedError(
          'CommitRefused',
          `Migration ${migration.metadata.name} cannot go from ${from} to ${to}`,
        );
      const phaseTransitions = [
        ...(migration.status?.phaseTransitions ?? []),
        { phase: to, time: new Date(clock.now()).toISOString() },
      ];
      return await swap(
        migration,
        { ...change, phase: to, reason: finding.reason, message: finding.message, phaseTransitions },
        signal,
      );
    },
    note(migration, condition, change, signal) {
      const conditions =
        condition && withCondition(migration, { ...condition, lastTransitionTime: timestamp(clock.now()) });
      return swap(migration, { ...change, ...(conditions && { conditions }) }, signal);
    },
    read: (migration, signal) => api.get(migrations, keyOf(migration), signal),
  };
};
