import type { MigrationPolicySpec } from '../api/migration-policy.ts';
import { type Migration, phaseOf } from '../api/migration.ts';
import { migrateAnnotation } from '../api/names.ts';
import { isFinished } from '../api/phase.ts';
import type { Pod } from '../api/pod.ts';
import { type Finding, type Reason, sentenceOf } from '../api/reasons.ts';
import { timestamp } from '../clock/clock.ts';
import { keptUntil } from '../migration/block.ts';
import { isMoveOf } from '../migration/move-of.ts';
import { type ChosenPolicy, type PolicyChoice, policyText } from '../migration/policy.ts';
import { isWithdrawn } from '../migration/withdrawal.ts';
import { annotationMistakes } from './annotation-mistakes.ts';
import type { EvictionRequest } from './eviction-request.ts';
import type { Denial } from './review.ts';

/** Everything that the verdict is taken from, all of it from memory. */
export interface EvictionFacts {
  readonly eviction: EvictionRequest;
  readonly pod: Pod | undefined;
  /** Migrations in the pod's namespace. */
  readonly migrations: readonly Migration[];
  /** That of the pod. */
  readonly policy: PolicyChoice;
  readonly now: number;
  /** Why the pod cannot be moved; asked only of a pod that opted in. */
  readonly findingsOf: (pod: Pod) => readonly Finding[];
}

export interface Notice {
  readonly reason: Reason;
  readonly message: string;
}

export interface MoveVerdict {
  readonly kind: 'move';
  readonly pod: Pod;
  readonly policy: MigrationPolicySpec;
  /** A Migration of that pod that was withdrawn: it has to go first. */
  readonly instead?: Migration;
}

export type EvictionVerdict =
  | { readonly kind: 'allow'; readonly warnings: readonly string[]; readonly notice?: Notice }
  | MoveVerdict
  | { readonly kind: 'deny'; readonly denial: Denial };

export const refOf = ({ metadata }: Pod | Migration): string => `${metadata.namespace ?? 'default'}/${metadata.name}`;

/**
 * 429 is the only refusal that `kubectl drain` repeats; after any other it
 * gives the pod up as an error (kubectl pkg/drain/drain.go). The reason has to
 * be set as well: without one the API server writes Forbidden beside the 429.
 */
export const later = (message: string): Denial => ({ code: 429, reason: 'TooManyRequests', message });

/** The descheduler takes a 429 with the words "Eviction triggered evacuation" as "accepted, under way"; so does KubeVirt word it. */
export const evacuating = (pod: Pod, migration: string, progress: string): Denial =>
  later(`Eviction triggered evacuation of pod ${refOf(pod)}: Migration ${migration} (${progress})`);

const allow = (warnings: readonly string[] = []): EvictionVerdict => ({ kind: 'allow', warnings });
const deny = (denial: Denial): EvictionVerdict => ({ kind: 'deny', denial });

/** The user is told in the terminal and on the pod, in the same words: this eviction kills. */
const allowLoudly = (pod: Pod, why: string): EvictionVerdict => {
  const message = `Pod ${refOf(pod)} opted in to be moved but its eviction was allowed, so it starts anew: ${why}`;
  return { kind: 'allow', warnings: [message], notice: { reason: 'EvictionAllowed', message } };
};

const progressOf = ({ status }: Migration): string =>
  [status?.phase ?? 'Pending', status?.reason && `${status.reason}: ${status.message ?? ''}`]
    .filter(Boolean)
    .join(', ');

const isEnding = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp !== undefined || status?.phase === 'Succeeded' || status?.phase === 'Failed';

const isMoveTo =
  ({ metadata: { name, uid } }: Pod) =>
  ({ status }: Migration): boolean =>
    status?.target?.podName === name && (status.target.podUID === undefined || status.target.podUID === uid);

const isUnfinished = (migration: Migration): boolean => !isFinished(phaseOf(migration));

const newestFirst = (a: Migration, b: Migration): number =>
  (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? '');

/** A move of this pod that matters now: the one under way, or else the latest. */
const moveOf = (pod: Pod, migrations: readonly Migration[]): Migration | undefined => {
  const moves = migrations.filter(isMoveOf(pod)).sort(newestFirst);
  return moves.find(isUnfinished) ?? moves[0];
};

/** To a drain 404 means "done", where "allow" would evict whatever has the name by then. */
const hasBeenMoved = (pod: Pod, move: Migration): EvictionVerdict =>
  deny({
    code: 404,
    reason: 'NotFound',
    message: `pod ${refOf(pod)} has been moved by Migration ${refOf(move)}; its source is being removed`,
  });

/** The same facts, of which the policy is known. */
type KnownFacts = EvictionFacts & { readonly policy: ChosenPolicy };

const isKnown = (facts: EvictionFacts): facts is KnownFacts => !('conflict' in facts.policy);

const afterFailure = (pod: Pod, move: Migration, { policy, now }: KnownFacts): EvictionVerdict => {
  const why = `Migration ${refOf(move)} has ended as ${progressOf(move)}`;
  const until = keptUntil(move, policy.spec);
  if (until === undefined) return allowLoudly(pod, why);
  // Kept for somebody to look at what went wrong, and not for ever: a node must be able to go at last.
  if (now >= until)
    return allowLoudly(
      pod,
      `${why}, and the ${policy.spec.blockSeconds} s have passed for which ${policyText(policy)} keeps it (onFailure: Block)`,
    );
  return deny(
    later(
      `pod ${refOf(pod)} is kept until ${timestamp(until)}, as ${policyText(policy)} says (onFailure: Block): ${why}. To try again: kubectl delete migration -n ${move.metadata.namespace ?? 'default'} ${move.metadata.name}`,
    ),
  );
};

/** Of a pod that no move has taken away or is about to. */
const ofStaying = (pod: Pod, move: Migration | undefined, facts: EvictionFacts): EvictionVerdict => {
  const findings = facts.findingsOf(pod);
  // That policies are in conflict is among the findings.
  if (!isKnown(facts)) return allowLoudly(pod, sentenceOf(findings));
  const { policy } = facts;
  if (!policy.spec.triggers.eviction)
    return allowLoudly(pod, `${policyText(policy)} turns no eviction into a move (triggers.eviction: false)`);
  if (move && !isWithdrawn(move)) return afterFailure(pod, move, facts);
  if (findings.length > 0) return allowLoudly(pod, sentenceOf(findings));
  return { kind: 'move', pod, policy: policy.spec, ...(move && { instead: move }) };
};

const ofOptedIn = (pod: Pod, facts: EvictionFacts): EvictionVerdict => {
  const move = moveOf(pod, facts.migrations);
  if (move && isUnfinished(move)) return deny(evacuating(pod, refOf(move), progressOf(move)));
  if (move && phaseOf(move) === 'Succeeded') return hasBeenMoved(pod, move);
  return ofStaying(pod, move, facts);
};

/** What an eviction is answered, and what is to be done for it. */
export const evictionVerdict = (facts: EvictionFacts): EvictionVerdict => {
  const { eviction, pod, migrations } = facts;
  if (eviction.dryRun || !pod || isEnding(pod)) return allow();
  // The API server compares the precondition itself, later, and answers 409.
  if (eviction.podUID !== undefined && eviction.podUID !== pod.metadata.uid) return allow();
  const incoming = migrations.find((migration) => isUnfinished(migration) && isMoveTo(pod)(migration));
  if (incoming)
    return deny(
      later(
        `PodIsTarget: pod ${refOf(pod)} is the target of Migration ${refOf(incoming)} (${progressOf(incoming)}) and can be evicted when that is finished`,
      ),
    );
  if (pod.metadata.annotations?.[migrateAnnotation] === 'true') return ofOptedIn(pod, facts);
  return allow(annotationMistakes(pod).map((mistake) => sentenceOf([mistake])));
};
