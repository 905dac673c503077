import type { MigrationPolicySpec } from '../../api/migration-policy.ts';
import { type Migration, migrationNameOf, phaseOf } from '../../api/migration.ts';
import { isFinished } from '../../api/phase.ts';
import type { Pod } from '../../api/pod.ts';
import { sentenceOf } from '../../api/reasons.ts';
import { deadlineOf } from '../../migration/deadline.ts';
import type { NamedPod } from '../../migration/move-of.ts';
import { policyText } from '../../migration/policy/policy.ts';
import { isWithdrawn } from '../../migration/taking-back/withdrawal.ts';
import type { ResponseFacts, StandingPod } from './facts.ts';

/** The Migration to create; `instead` is one of its name that has to go first. */
export interface Move {
  readonly pod: Pod;
  readonly policy: MigrationPolicySpec;
  readonly instead?: Migration;
}

/** What a responder says of a pod, in words for whoever asked for its eviction. */
export type Answer =
  /** We are at it, and think to be done by `expected`; to begin, `move` has to be made. */
  | { readonly is: 'underWay'; readonly message: string; readonly expected?: number; readonly move?: Move }
  /** There is nothing more that we do, whether or not the pod has gone: the next responder may act. */
  | { readonly is: 'done'; readonly message: string };

const textOf = ({ metadata: { namespace, name } }: NamedPod): string => `${namespace ?? 'default'}/${name}`;

const newestFirst = (a: Migration, b: Migration): number =>
  (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? '');

/** The one under way, or else the latest. */
const currentOf = (migrations: readonly Migration[]): Migration | undefined =>
  migrations.find((migration) => !isFinished(phaseOf(migration))) ?? migrations.toSorted(newestFirst)[0];

const underWay = (migration: Migration): Answer => ({
  is: 'underWay',
  message: `Migration ${textOf(migration)} is ${phaseOf(migration)}`,
  expected: deadlineOf(migration),
});

const done = (message: string): Answer => ({ is: 'done', message });

const declined = ({ named }: ResponseFacts, why: string): Answer =>
  done(`Pod ${textOf(named)} is not moved, so the next responder may act: ${why}`);

const ended = (migration: Migration, facts: ResponseFacts): Answer => {
  const { reason = '', message = '', target } = migration.status ?? {};
  const by = `Migration ${textOf(migration)}`;
  switch (phaseOf(migration)) {
    case 'Succeeded':
      return done(
        `Pod ${textOf(facts.named)} was moved by ${by} and runs on as pod ${target?.podName ?? ''} on node ${target?.nodeName ?? ''}`,
      );
    case 'Lost':
      return done(`Pod ${textOf(facts.named)} was moved by ${by} and lost after that: ${reason}: ${message}`);
    default:
      return declined(facts, `${by} has ended as ${phaseOf(migration)}, ${reason}: ${message}`);
  }
};

/** Of a pod that no Migration says anything about, or one that was withdrawn. */
const ofStanding = (
  { pod, policy, findings }: StandingPod,
  instead: Migration | undefined,
  facts: ResponseFacts,
): Answer => {
  // Its own move has to end first; after that it is a pod as any other.
  const isArriving = findings.some(({ reason }) => reason === 'PodIsTarget');
  if (isArriving) return { is: 'underWay', message: sentenceOf(findings) };
  // That policies are in conflict is among the findings.
  if (findings.length > 0 || 'conflict' in policy) return declined(facts, sentenceOf(findings));
  if (!policy.spec.triggers.eviction)
    return declined(facts, `${policyText(policy)} turns no eviction into a move (triggers.eviction: false)`);
  if (facts.refusal !== undefined) return declined(facts, `the API server has refused its Migration: ${facts.refusal}`);
  const { namespace = 'default', name, uid } = pod.metadata;
  return {
    is: 'underWay',
    message: `Migration ${namespace}/${migrationNameOf(name, uid)} is Pending`,
    expected: facts.now + policy.spec.deadlineSeconds * 1000,
    move: { pod, policy: policy.spec, ...(instead && { instead }) },
  };
};

/**
 * The same that the webhook answers an eviction of policy/v1, said over time.
 * Undefined of a pod that is not known and was never moved: either we shall hear
 * of it, or the controller of Kubernetes sees that it is gone and ends the Eviction.
 */
export const answerOf = (facts: ResponseFacts): Answer | undefined => {
  const move = currentOf(facts.migrations);
  if (move && !isFinished(phaseOf(move))) return underWay(move);
  if (move && !isWithdrawn(move)) return ended(move, facts);
  return facts.standing && ofStanding(facts.standing, move, facts);
};
