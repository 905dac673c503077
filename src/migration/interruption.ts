import { type Migration, phaseOf } from '../api/migration.ts';
import type { Pod } from '../api/pod.ts';
import { isCommitted, isFinished } from '../api/phase.ts';
import type { Facts } from './facts.ts';
import { phaseChange, type Verdict } from './status.ts';
import type { Step } from './step.ts';

const deadlineOf = ({ migration }: Facts): number =>
  (Date.parse(migration.metadata.creationTimestamp ?? '') || 0) + migration.spec.deadlineSeconds * 1000;

/** The scheduler says for each node why the pod does not fit there; the user should not have to look for it. */
const schedulerSays = (target: Pod): string =>
  target.status?.conditions?.find((condition) => condition.type === 'PodScheduled' && condition.status === 'False')
    ?.message ?? 'the scheduler has not answered';

const lateness = ({ migration, target }: Facts): Verdict => {
  const phase = phaseOf(migration);
  const late = `not committed within ${migration.spec.deadlineSeconds} s`;
  if (phase === 'Preparing' && target && !target.spec.nodeName)
    return { reason: 'NoNodeFits', message: `${late}: ${schedulerSays(target)}` };
  const { reason, message = '' } = migration.status ?? {};
  const waited = reason === 'Waiting' ? `; last it waited because ${message}` : '';
  return { reason: 'DeadlineExceeded', message: `${late}, in phase ${phase}${waited}` };
};

const askedBack = ({ spec, metadata }: Migration): string | undefined => {
  if (spec.cancel) return 'cancelled';
  return metadata.deletionTimestamp === undefined ? undefined : 'deleted';
};

/**
 * Cancelling and the deadline end a move in every phase before the commit, also
 * while the agents are at it: whoever comes second to the record gets a
 * conflict, reads, and obeys.
 */
export const interruption = (facts: Facts, now: number): Step[] | undefined => {
  const { migration } = facts;
  const phase = phaseOf(migration);
  if (isCommitted(phase) || isFinished(phase)) return undefined;
  const asked = askedBack(migration);
  if (asked !== undefined) {
    const message = `${asked} in phase ${phase}; the source runs on`;
    return [
      {
        do: 'writeStatus',
        patch: phaseChange(migration, { to: 'Cancelled', now, reason: 'CancelRequested', message }),
      },
    ];
  }
  if (now < deadlineOf(facts)) return undefined;
  return [{ do: 'writeStatus', patch: phaseChange(migration, { to: 'Failed', now, ...lateness(facts) }) }];
};

/** Look again when the deadline has passed, if nothing else happens before. */
export const untilDeadline = (facts: Facts, now: number): Step => ({
  do: 'lookAgain',
  afterMs: Math.max(1_000, deadlineOf(facts) - now),
});

export const fail = (facts: Facts, now: number, verdict: Verdict): Step[] => [
  { do: 'writeStatus', patch: phaseChange(facts.migration, { to: 'Failed', now, ...verdict }) },
];
