import { type Migration, phaseOf } from '../api/migration.ts';
import type { Phase } from '../api/phase.ts';

/** One step of a move, as it is told to others. */
export interface MoveStep {
  /** Counts from 0 in the order in which they were taken; never another one for the same step. */
  readonly number: number;
  readonly phase: Phase;
  /** When it was taken, as RFC 3339. */
  readonly time: string;
  /** Is it the last one so far? Only of that one the record says more than that it was taken. */
  readonly isLast: boolean;
  /** The attempt that it belongs to. */
  readonly attempt: number;
}

/**
 * All steps of a move so far, from its record alone: that it was asked for, and
 * every phase that it came into. The record only ever adds to them.
 */
export const stepsOf = (migration: Migration): readonly MoveStep[] => {
  const { creationTimestamp = new Date(0).toISOString() } = migration.metadata;
  const asked = { phase: 'Pending' as Phase, time: creationTimestamp };
  const taken = (migration.status?.phaseTransitions ?? []).filter(({ phase }) => phase !== 'Pending');
  const all = [asked, ...taken];
  return all.map(({ phase, time }, number) => ({
    ...{ number, phase, time },
    isLast: number === all.length - 1,
    attempt: attemptAt(all, number),
  }));
};

/** A step back, to wait or to the target that still waits, begins the next one. */
const attemptAt = (all: readonly { readonly phase: Phase }[], number: number): number => {
  const begun = all.slice(0, number + 1).filter(({ phase }, index) => {
    const before = all[index - 1]?.phase;
    return before === 'Retrying' || (before === 'Moving' && phase === 'Arrived');
  });
  return begun.length + 1;
};

/** Between these two a pod may be frozen, and nobody is told anything. */
export const mayBeFrozen = (migration: Migration): boolean => {
  const phase = phaseOf(migration);
  return phase === 'Moving' || (phase === 'Committed' && migration.status?.target?.releaseTime === undefined);
};

/** Why the attempt that a step ended was taken back, as far as the record says. */
export const verdictAt = (
  migration: Migration,
  step: MoveStep,
): { readonly reason?: string | undefined; readonly message?: string | undefined } => {
  const { status } = migration;
  if (step.isLast && status) return { reason: status.reason, message: status.message };
  if (step.phase !== 'Retrying') return {};
  const attempt = status?.attempts?.find(({ number }) => number === step.attempt);
  return { reason: attempt?.reason, message: attempt?.message };
};
