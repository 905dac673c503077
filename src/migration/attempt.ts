import { type Attempt, attemptOf, type Migration, type MigrationStatus, phaseOf } from '../api/migration.ts';
import { builtInPolicy } from '../api/migration-policy.ts';
import type { Phase } from '../api/phase.ts';
import { isReason, type Reason, retryOf } from '../api/reasons.ts';
import { timestamp } from '../clock/clock.ts';
import { askedBack, cancellation } from './taking-back/asked-back.ts';
import { deadlineOf } from './deadline.ts';
import { isRemoved } from './namesake/removal.ts';
import { phaseChange, type StatusPatch, type Verdict } from './status.ts';

const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

/** The pause after the attempt of this number: doubled each time. */
const pauseAfter = (number: number): number => Math.min(longestPauseMs, firstPauseMs * 2 ** (number - 1));

/** What the move was accepted under. */
export const termsOf = ({ status }: Migration) =>
  status?.terms ?? { retries: builtInPolicy.retries, maxFreezeSeconds: builtInPolicy.maxFreezeSeconds };

const ended = (migration: Migration, { reason, message }: Verdict, now: number): Attempt => {
  const nodeName = migration.status?.target?.nodeName;
  return {
    number: attemptOf(migration),
    phase: phaseOf(migration),
    ...(nodeName !== undefined && { nodeName }),
    endTime: timestamp(now),
    reason,
    message,
  };
};

const usesRetry = (reason: string): boolean => !isReason(reason) || retryOf(reason) !== 'away';

/** How many attempts there may be: those that ended through nobody's fault are not counted against the terms. */
export const mostAttempts = (migration: Migration): number => {
  const free = (migration.status?.attempts ?? []).filter(({ reason }) => !usesRetry(reason)).length;
  return termsOf(migration).retries + 1 + free;
};

const hasRetry = (migration: Migration, reason: Reason): boolean =>
  usesRetry(reason)
    ? attemptOf(migration) < mostAttempts(migration)
    : // A Migration that names its node has no other.
      migration.spec.targetNodeName === undefined;

/** May there be another attempt, which begins at this time? How long the source can be kept the controller knows. */
const isWorthwhile = (migration: Migration, { reason }: Verdict, begins: number): boolean =>
  retryOf(reason) !== 'never' &&
  hasRetry(migration, reason) &&
  (isRemoved(migration) || begins < deadlineOf(migration));

/** Which of the two agents is at fault decides whether the same target is worth another attempt. */
const nextPhase = (migration: Migration, { reason }: Verdict, isTargetWaiting: boolean): Phase =>
  isTargetWaiting && phaseOf(migration) === 'Moving' && retryOf(reason) === 'anywhere' ? 'Arrived' : 'Retrying';

const account = (migration: Migration, { message }: Verdict): string => {
  const number = attemptOf(migration);
  return number === 1 ? message : `${message} (attempt ${number} of at most ${mostAttempts(migration)})`;
};

/** What a failure means for a pod whose object is gone. */
const priceOf = (migration: Migration, to: Phase): string =>
  to === 'Failed' && isRemoved(migration)
    ? "; the pod's object had been removed for the move, so the pod starts anew"
    : '';

/**
 * The write that ends an attempt before its commit: another one follows after a
 * pause, or the move is abandoned. Whoever finds the fault writes it, the
 * controller or one of the agents. A move that was asked back meanwhile is over
 * with that, whatever else has befallen it.
 *
 * @param isTargetWaiting the target can take an image yet, so that the next attempt may resume with it.
 */
export const afterFault = (
  migration: Migration,
  verdict: Verdict,
  { now, isTargetWaiting = false }: { readonly now: number; readonly isTargetWaiting?: boolean },
): StatusPatch => {
  const asked = askedBack(migration);
  if (asked !== undefined) return cancellation(migration, asked, now);
  const begins = now + pauseAfter(attemptOf(migration));
  const isBegun = phaseOf(migration) !== 'Pending';
  const to =
    isBegun && isWorthwhile(migration, verdict, begins) ? nextPhase(migration, verdict, isTargetWaiting) : 'Failed';
  // Between two attempts there is none that could have failed.
  const isBetween = phaseOf(migration) === 'Retrying';
  const attempts = [...(migration.status?.attempts ?? []), ...(isBetween ? [] : [ended(migration, verdict, now)])];
  const following: Partial<MigrationStatus> =
    to === 'Failed' ? {} : { attempt: attemptOf(migration) + 1, notBefore: new Date(begins).toISOString() };
  return phaseChange(migration, {
    to,
    now,
    reason: verdict.reason,
    message: account(migration, verdict) + priceOf(migration, to),
    fields: isBegun ? { attempts, ...following } : undefined,
  });
};

/** Target nodes that were at fault in earlier attempts. */
export const nodesAtFault = ({ status }: Migration): ReadonlySet<string> =>
  new Set(
    (status?.attempts ?? []).flatMap(({ reason, nodeName }) =>
      nodeName !== undefined && isReason(reason) && retryOf(reason) === 'elsewhere' ? [nodeName] : [],
    ),
  );
