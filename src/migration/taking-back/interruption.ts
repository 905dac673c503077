import { phaseOf } from '../../api/migration.ts';
import { isCommitted, isFinished } from '../../api/phase.ts';
import { askedBack, cancellation } from './asked-back.ts';
import { afterFault } from '../attempt.ts';
import { isLate, lateness, leftMs, phaseDeadlineOf, slowness } from '../deadline.ts';
import { type Facts, livingSource } from '../facts.ts';
import { isRemoved } from '../namesake/removal.ts';
import type { Verdict } from '../status.ts';
import type { Step } from '../step.ts';

/** Takes the present attempt back; whether another follows is for its reason to say. */
export const fail = (facts: Facts, now: number, verdict: Verdict): Step[] => {
  const { migration } = facts;
  // That its object was to be removed is forgotten where that has not been done: nothing has happened to it.
  const isSpared = isRemoved(migration) && livingSource(facts) !== undefined;
  if (!isSpared) return [{ do: 'writeStatus', patch: afterFault(migration, verdict, { now }) }];
  const status = { phase: phaseOf(migration), ...migration.status, removal: undefined };
  const { metadata, status: change } = afterFault({ ...migration, status }, verdict, { now });
  return [{ do: 'writeStatus', patch: { metadata, status: { ...change, removal: null } } }];
};

/**
 * Cancelling and the deadlines end a move, or its present attempt, in every
 * phase before the commit, also while the agents are at it: whoever comes second
 * to the record gets a conflict, reads, and obeys.
 */
export const interruption = (facts: Facts, now: number): Step[] | undefined => {
  const { migration } = facts;
  const phase = phaseOf(migration);
  if (isCommitted(phase) || isFinished(phase)) return undefined;
  const asked = askedBack(migration);
  if (asked !== undefined) return [{ do: 'writeStatus', patch: cancellation(migration, asked, now) }];
  if (isLate(facts, now)) return fail(facts, now, lateness(facts));
  return now >= phaseDeadlineOf(facts) ? fail(facts, now, slowness(facts)) : undefined;
};

/** Look again when a deadline has passed, if nothing else happens before. */
export const untilDeadline = (facts: Facts, now: number): Step => ({
  do: 'lookAgain',
  afterMs: Math.max(1_000, Math.min(leftMs(facts, now), phaseDeadlineOf(facts) - now)),
});
