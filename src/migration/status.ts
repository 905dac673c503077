import type { Condition } from '../api/metadata.ts';
import { type Migration, type MigrationStatus, phaseOf } from '../api/migration.ts';
import { isFinished, type Phase } from '../api/phase.ts';
import type { Reason } from '../api/reasons.ts';
import { timestamp } from '../clock/clock.ts';

/** A merge patch of the status subresource that only goes through when nobody else has written since. */
export interface StatusPatch {
  readonly metadata: { readonly resourceVersion: string };
  /** `null` takes a field away (RFC 7396). */
  readonly status: StatusFields;
}

type Removable = 'target' | 'notBefore' | 'timings' | 'imageBytes' | 'removal';
export type StatusFields = Partial<Omit<MigrationStatus, Removable>> & {
  readonly [K in Removable]?: MigrationStatus[K] | null;
};

export interface Verdict {
  readonly reason: Reason;
  readonly message: string;
}

export type ConditionType = 'Movable' | 'Succeeded' | 'Finished';

type NewCondition = Omit<Condition, 'lastTransitionTime' | 'type'> & { readonly type: ConditionType };

export const conditionOf = (migration: Migration, type: ConditionType): Condition | undefined =>
  migration.status?.conditions?.find((condition) => condition.type === type);

/**
 * Nothing happens to this Migration any more and nothing of it is left. That is
 * later than a final phase: Lost, Failed and Cancelled still have to be cleaned up.
 */
export const isOver = (migration: Migration): boolean => conditionOf(migration, 'Finished')?.status === 'True';

/** Does it hold a pod and room under the limits? */
export const isUnderWay = (migration: Migration): boolean =>
  phaseOf(migration) !== 'Pending' && !isFinished(phaseOf(migration)) && !isOver(migration);

/** A merge patch replaces a list whole, so the conditions that do not change are written back. */
export const withConditions = (migration: Migration, changes: readonly NewCondition[], now: number): Condition[] => {
  const old = migration.status?.conditions ?? [];
  const kept = old.filter((condition) => !changes.some((change) => change.type === condition.type));
  const changed = changes.map((change) => {
    const before = old.find((condition) => condition.type === change.type);
    const since = before?.status === change.status ? before.lastTransitionTime : timestamp(now);
    return { ...change, lastTransitionTime: since };
  });
  return [...kept, ...changed].sort((a, b) => a.type.localeCompare(b.type));
};

const succeededIn = (phase: Phase): Condition['status'] => {
  if (phase === 'Succeeded') return 'True';
  return isFinished(phase) ? 'False' : 'Unknown';
};

/** Only a move without anything to clean up is finished at once. */
const finishedIn = (phase: Phase): Condition['status'] => (phase === 'Succeeded' ? 'True' : 'False');

export interface PhaseChange extends Verdict {
  readonly to: Phase;
  readonly now: number;
  /** Other fields of the status that change in the same write. */
  readonly fields?: StatusFields | undefined;
  /** Set when the write also says whether the pod can be moved. */
  readonly movable?: Condition['status'] | undefined;
}

/** The one way to change a phase, for the controller and for the agents: phase, reason, conditions and history in one compare-and-swap. */
export const phaseChange = (
  migration: Migration,
  { to, now, reason, message, fields, movable }: PhaseChange,
): StatusPatch => {
  const said = { reason, message };
  const changes: NewCondition[] = [
    { type: 'Succeeded', status: succeededIn(to), ...said },
    { type: 'Finished', status: finishedIn(to), ...said },
    ...(movable === undefined ? [] : [{ type: 'Movable', status: movable, ...said } as const]),
  ];
  const history = migration.status?.phaseTransitions ?? [];
  const entered =
    to === phaseOf(migration) && history.length > 0
      ? history
      : [...history, { phase: to, time: new Date(now).toISOString() }];
  return {
    metadata: { resourceVersion: migration.metadata.resourceVersion },
    status: {
      ...fields,
      phase: to,
      ...said,
      conditions: withConditions(migration, changes, now),
      phaseTransitions: entered,
    },
  };
};

/** When the Migration came into the phase it is in now. */
export const phaseSince = (migration: Migration): number => {
  const last = migration.status?.phaseTransitions?.findLast((transition) => transition.phase === phaseOf(migration));
  return Date.parse(last?.time ?? migration.metadata.creationTimestamp ?? '') || 0;
};

/**
 * Of two states of one record the later. Watches repeat themselves after a
 * disconnect, and what was written is known before they tell of it.
 * ResourceVersions of one kind may be compared (KEP-5504).
 */
export const laterOf = (known: Migration, heard: Migration): Migration =>
  Number(heard.metadata.resourceVersion) > Number(known.metadata.resourceVersion) ? heard : known;
