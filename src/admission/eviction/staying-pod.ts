import { type Migration, migrationNameOf } from '../../api/migration.ts';
import type { Pod } from '../../api/pod.ts';
import { type Finding, type Reason, sentenceOf } from '../../api/reasons.ts';
import { timestamp } from '../../clock/clock.ts';
import { evictionsAreNoTrigger } from '../../migration/eligibility/policy.ts';
import { type ChosenPolicy, policyText } from '../../migration/policy/policy.ts';
import { phaseSince } from '../../migration/status.ts';
import { isWithdrawn } from '../../migration/taking-back/withdrawal.ts';
import type { EvictionFacts, Trouble } from './facts.ts';
import { denies, type EvictionVerdict, type Order, warns } from './outcome.ts';
import { evictionTable as table } from './table.ts';
import { progressOf, refOf } from './words.ts';

/*
 * An eviction of a pod that opted in and that no move has taken away or is
 * about to.
 */

interface Stay {
  readonly pod: Pod;
  readonly policy: ChosenPolicy;
  /** A move of it that has ended. */
  readonly move: Migration | undefined;
  readonly trouble: Trouble | undefined;
  readonly now: number;
}

const blockEnd = (since: number, { spec }: ChosenPolicy): number => since + spec.blockSeconds * 1000;

/** Kept for somebody to look at what went wrong, and not for ever: a node must be able to go at last. */
const whyNoLonger = (why: string, policy: ChosenPolicy): string =>
  `${why}, and the ${policy.spec.blockSeconds} s have passed for which ${policyText(policy)} keeps it (onFailure: Block)`;

const afterFailure = ({ pod, policy, now }: Stay, move: Migration): EvictionVerdict => {
  const named = refOf(pod);
  const why = `Migration ${refOf(move)} has ended as ${progressOf(move)}`;
  if (policy.spec.onFailure === 'Evict') return warns('failed', table.failed.says({ pod: named, why }));
  const end = blockEnd(phaseSince(move), policy);
  if (now >= end) return warns('failedOver', table.failedOver.says({ pod: named, why: whyNoLonger(why, policy) }));
  const { namespace = 'default', name } = move.metadata;
  const words = { pod: named, until: timestamp(end), policy: policyText(policy), why, namespace, name };
  return denies('failedKept', table.failedKept.says(words));
};

const orderOf = ({ pod, policy, move }: Stay): Order => ({ pod, policy: policy.spec, ...(move && { instead: move }) });

/** Its Migration cannot be made: a pod like any other that cannot be moved, but without a record that counts the time. */
const afterRejection = (stay: Stay, trouble: Trouble): EvictionVerdict => {
  const { policy, now } = stay;
  const pod = refOf(stay.pod);
  const why = sentenceOf([{ reason: 'MigrationRejected', message: trouble.why }]);
  if (policy.spec.onFailure === 'Evict') return warns('rejected', table.rejected.says({ pod, why }));
  const end = blockEnd(trouble.since, policy);
  if (now >= end) return warns('rejectedOver', table.rejectedOver.says({ pod, why: whyNoLonger(why, policy) }));
  const words = { pod, until: timestamp(end), policy: policyText(policy), why };
  return denies('rejectedKept', table.rejectedKept.says(words), orderOf(stay));
};

const migrationNamed = ({ pod: { metadata } }: Stay): string =>
  `${metadata.namespace ?? 'default'}/${migrationNameOf(metadata.name, metadata.uid)}`;

const keptUnmovable = (stay: Stay, why: string): EvictionVerdict => {
  const words = { pod: refOf(stay.pod), migration: migrationNamed(stay), policy: policyText(stay.policy), why };
  return denies('unmovableKept', table.unmovableKept.says(words), orderOf(stay));
};

const ofMovable = (stay: Stay): EvictionVerdict => {
  const pod = refOf(stay.pod);
  return stay.trouble
    ? denies('unrecorded', table.unrecorded.says({ pod, why: stay.trouble.why }), orderOf(stay))
    : denies('movable', table.movable.says({ pod, migration: migrationNamed(stay) }), orderOf(stay));
};

const notStarted: readonly Reason[] = ['PodNotRunning', 'InitContainersRunning'];

/** Pending as the API server sees it, which asks no PodDisruptionBudget then either (canIgnorePDB in pkg/registry/core/pod). */
const isUnstarted = ({ status }: Pod, findings: readonly Finding[]): boolean =>
  (status?.phase ?? 'Pending') === 'Pending' && findings.some(({ reason }) => notStarted.includes(reason));

const ofKnown = (stay: Stay, findings: readonly Finding[]): EvictionVerdict => {
  const { policy, move, trouble } = stay;
  const pod = refOf(stay.pod);
  const why = sentenceOf(findings);
  const forbidden = evictionsAreNoTrigger(stay.pod, policy);
  if (forbidden) return warns('forbidden', table.forbidden.says({ pod, why: sentenceOf([forbidden]) }));
  if (move && !isWithdrawn(move)) return afterFailure(stay, move);
  if (isUnstarted(stay.pod, findings)) return warns('unstarted', table.unstarted.says({ pod, why }));
  if (findings.length > 0 && policy.spec.onFailure === 'Evict')
    return warns('unmovable', table.unmovable.says({ pod, why }));
  if (trouble?.isRefusal) return afterRejection(stay, trouble);
  return findings.length > 0 ? keptUnmovable(stay, why) : ofMovable(stay);
};

export const ofStaying = (pod: Pod, move: Migration | undefined, facts: EvictionFacts): EvictionVerdict => {
  const { policy, trouble, now } = facts;
  const findings = facts.findingsOf(pod);
  // The conflict is among the findings; which of the policies would keep the pod nobody knows.
  if ('conflict' in policy)
    return warns('unmovable', table.unmovable.says({ pod: refOf(pod), why: sentenceOf(findings) }));
  return ofKnown({ pod, policy, move, trouble, now }, findings);
};
