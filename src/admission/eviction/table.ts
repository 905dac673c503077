import { untouchedNamespaces } from '../../api/group.ts';
import { staleMs } from './moves-of-pod.ts';

/*
 * What an eviction is answered, and what becomes of its pod: the one source of
 * the verdicts' words and of docs/eviction.md. `when` is read from the first row
 * on, so each row takes for granted that none before it holds.
 */

/** What stands in messages. */
export interface Words {
  readonly pod: string;
  readonly migration: string;
  /** The phase of the Migration, and its reason where it has one. */
  readonly progress: string;
  /** The pod that a move has ended as, and its node. */
  readonly target: string;
  readonly policy: string;
  /** Reasons of the registry, each with its sentence, or how an earlier move ended. */
  readonly why: string;
  readonly until: string;
  readonly namespace: string;
  readonly name: string;
}

type Some<Name extends keyof Words> = Pick<Words, Name>;

/**
 *   unasked   the API server does not ask
 *   allow     without a word
 *   warn      with a warning, and an event on the pod where it opted in
 *   later     429, the one refusal that `kubectl drain` repeats; any other ends it (kubectl pkg/drain/drain.go)
 *   gone      404, which to a drain means "done", where allowing would evict whatever has the name by then
 */
export type Kind = 'unasked' | 'allow' | 'warn' | 'later' | 'gone';

export interface Row {
  readonly when: string;
  readonly answer: Kind;
  readonly says?: (words: Words) => string;
  readonly then: string;
}

/** The user is told in the terminal and on the pod, in the same words: this eviction kills. */
const startsAnew = ({ pod, why }: Some<'pod' | 'why'>): string =>
  `Pod ${pod} opted in to be moved but its eviction was allowed, so it starts anew: ${why}`;

const kept = ({ pod, until, policy, why }: Some<'pod' | 'until' | 'policy' | 'why'>): string =>
  `pod ${pod} is kept until ${until}, as ${policy} says (onFailure: Block): ${why}`;

/** The descheduler takes a 429 with these words as "accepted, under way"; so does KubeVirt word it. */
const evacuating = ({ pod, migration, progress }: Some<'pod' | 'migration' | 'progress'>): string =>
  `Eviction triggered evacuation of pod ${pod}: Migration ${migration} (${progress})`;

/** As the webhook's configuration has it. */
export const answerSeconds = 3;

const asOnAnyCluster = 'it is evicted as on any cluster';

export const evictionTable = {
  untouched: {
    when: `The pod is in ${untouchedNamespaces.map((name) => `\`${name}\``).join(' or ')}.`,
    answer: 'unasked',
    then: asOnAnyCluster,
  },
  silent: {
    when: `Transship does not answer within ${answerSeconds} s.`,
    answer: 'unasked',
    then: `${asOnAnyCluster}: without Transship every node can be drained`,
  },
  dryRun: {
    when: 'It is a dry run, by the request or by the `deleteOptions` in it.',
    answer: 'allow',
    then: 'nothing: no Migration, no event',
  },
  absent: {
    when: 'There is no pod of that name, nor is it between two that a move gives the name to.',
    answer: 'allow',
    then: 'the API server itself answers 404',
  },
  movedUID: {
    when: 'The eviction names a UID, and the pod of that UID has been moved.',
    answer: 'gone',
    says: ({ pod, migration, target }: Some<'pod' | 'migration' | 'target'>) =>
      `pod ${pod} has been moved by Migration ${migration} and runs as ${target}`,
    then: 'the moved pod is left alone, and no PodDisruptionBudget is charged',
  },
  otherUID: {
    when: 'The eviction names the UID of another pod than the one that has the name, and that pod is not being moved.',
    answer: 'allow',
    then: 'the API server compares, too, and answers 409',
  },
  ending: {
    when: 'The pod has finished, or is being deleted already, and no move of it has committed.',
    answer: 'allow',
    then: asOnAnyCluster,
  },
  target: {
    when: 'The pod is the target of a move that is under way.',
    answer: 'later',
    says: ({ pod, migration, progress }: Some<'pod' | 'migration' | 'progress'>) =>
      `PodIsTarget: pod ${pod} is the target of Migration ${migration} (${progress}) and can be evicted when that is finished`,
    then: 'the move goes on',
  },
  arrived: {
    when: `The pod has been moved under its own name less than ${staleMs / 1000} s ago, its node is neither cordoned nor decommissioned, and the eviction names no UID: it may be a retry of the one that began the move.`,
    answer: 'gone',
    says: ({ pod, migration, target, until }: Some<'pod' | 'migration' | 'target' | 'until'>) =>
      `pod ${pod} has been moved by Migration ${migration} and runs as ${target}; if it is meant there, name its UID or try again after ${until}`,
    then: 'the moved pod is left alone',
  },
  misspelt: {
    when: 'An annotation of ours on the pod means nothing, so that it did not opt in.',
    answer: 'warn',
    says: ({ why }: Some<'why'>) => why,
    then: asOnAnyCluster,
  },
  notOptedIn: {
    when: 'The pod did not opt in, or opted out.',
    answer: 'allow',
    then: asOnAnyCluster,
  },
  moving: {
    when: 'The pod is being moved, whoever asked for it.',
    answer: 'later',
    says: evacuating,
    then: 'the move goes on',
  },
  moved: {
    when: 'The pod has been moved, and what is left of it is being removed.',
    answer: 'gone',
    says: ({ pod, migration }: Some<'pod' | 'migration'>) =>
      `pod ${pod} has been moved by Migration ${migration}; its source is being removed`,
    then: 'it runs elsewhere',
  },
  lost: {
    when: 'The move of the pod had committed when its target ended.',
    answer: 'gone',
    says: ({ pod, migration, progress }: Some<'pod' | 'migration' | 'progress'>) =>
      `pod ${pod} does not run any more: Migration ${migration} has ended as ${progress}; its source is being removed`,
    then: 'its owner starts another',
  },
  forbidden: {
    when: 'The policy of the pod says `triggers.eviction: false`.',
    answer: 'warn',
    says: startsAnew,
    then: 'it is evicted',
  },
  failed: {
    when: 'A move of the pod has failed for good, or a person has cancelled it; `onFailure: Evict`.',
    answer: 'warn',
    says: startsAnew,
    then: 'it is evicted',
  },
  failedKept: {
    when: 'So it has; `onFailure: Block`, for less than `blockSeconds`.',
    answer: 'later',
    says: ({ namespace, name, ...words }: Some<'pod' | 'until' | 'policy' | 'why' | 'namespace' | 'name'>) =>
      `${kept(words)}. To try again: kubectl delete migration -n ${namespace} ${name}`,
    then: 'it runs on, for somebody to look at what went wrong',
  },
  failedOver: {
    when: 'So it has; `onFailure: Block`, for longer than that.',
    answer: 'warn',
    says: startsAnew,
    then: 'it is evicted: a node must be able to go at last',
  },
  unstarted: {
    when: 'The pod cannot be moved because it has not started (`Pending`).',
    answer: 'warn',
    says: startsAnew,
    then: 'it is evicted: there is nothing to keep',
  },
  unmovable: {
    when: 'The pod cannot be moved; `onFailure: Evict`, or its policies are in conflict.',
    answer: 'warn',
    says: startsAnew,
    then: 'it is evicted',
  },
  rejected: {
    when: 'The API server refuses the Migration of the pod; `onFailure: Evict`.',
    answer: 'warn',
    says: startsAnew,
    then: 'it is evicted',
  },
  rejectedKept: {
    when: 'So it does; `onFailure: Block`, for less than `blockSeconds`.',
    answer: 'later',
    says: kept,
    then: 'it runs on, and the Migration is tried again',
  },
  rejectedOver: {
    when: 'So it does; `onFailure: Block`, for longer than that.',
    answer: 'warn',
    says: startsAnew,
    then: 'it is evicted',
  },
  unmovableKept: {
    when: 'The pod cannot be moved; `onFailure: Block`.',
    answer: 'later',
    says: ({ pod, migration, policy, why }: Some<'pod' | 'migration' | 'policy' | 'why'>) =>
      `pod ${pod} cannot be moved and is kept, as ${policy} says (onFailure: Block): ${why}. Migration ${migration} records it`,
    then: 'a Migration is made that fails for these reasons, and from then on holds what holds of one that has failed',
  },
  unrecorded: {
    when: 'The Migration of the pod could not be made so far: the API server is out of reach or has too much to do.',
    answer: 'later',
    says: ({ pod, why }: Some<'pod' | 'why'>) =>
      `could not record the evacuation of pod ${pod} yet: ${why}; it is tried again`,
    then: 'the Migration is tried again',
  },
  movable: {
    when: 'The pod can be moved.',
    answer: 'later',
    says: (words: Some<'pod' | 'migration'>) => evacuating({ ...words, progress: 'Pending' }),
    then: 'a Migration is made behind the answer, the same for every retry and for whoever asks at the same time',
  },
} as const satisfies Readonly<Record<string, Row>>;

export type RowName = keyof typeof evictionTable;
