import { systemNamespace } from '../../api/group.ts';
import type { Pod } from '../../api/pod.ts';
import type { Fated } from './fate.ts';

/**
 * How long a pod has to look as if it must be evicted before it is: unlike a
 * move, an eviction cannot be taken back. It also bounds how often a pod is
 * evicted that its owner puts on this very node again.
 */
const patienceMs = 10_000;

/** One that opted in may yet be moved: its container may be starting, or the agent of the node. */
const patienceWithOptedInMs = 30_000;

/** `kubectl drain` tries again after as long. */
const firstPauseMs = 5_000;
const longestPauseMs = 30_000;

/** In one pass. Each of them starts anew elsewhere, and somebody has to carry that. */
const mostAtOnce = 10;

/** A pod that is to be evicted, for as long as it is. */
interface Attempt {
  /** Times that it has been tried. */
  readonly count: number;
  readonly notBefore: number;
  /** What the API server said, if it refused the last time. */
  readonly refusal?: string | undefined;
}

/** By UID of the pod. They stand in memory only: whoever leads next begins anew, with all its patience. */
export type Attempts = ReadonlyMap<string, Attempt>;

const patienceFor = ({ fate }: Fated): number =>
  fate.is === 'toBeEvicted' && fate.isOptedIn ? patienceWithOptedInMs : patienceMs;

const isToBeEvicted = ({ fate }: Fated): boolean => fate.is === 'toBeEvicted';

/** Those that were to be evicted before and still are keep their attempt, those that are new get one. */
export const attemptsAmong = (fated: readonly Fated[], before: Attempts, now: number): Attempts =>
  new Map(
    fated.filter(isToBeEvicted).map((each) => {
      const { uid } = each.pod.metadata;
      return [uid, before.get(uid) ?? { count: 0, notBefore: now + patienceFor(each) }];
    }),
  );

/** The same after one more attempt, which the API server has refused, or has not. */
export const afterAttempt = (
  attempts: Attempts,
  { metadata: { uid } }: Pod,
  now: number,
  refusal?: string,
): Attempts => {
  const { count } = attempts.get(uid) ?? { count: 0 };
  const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** count);
  return new Map([...attempts, [uid, { count: count + 1, notBefore: now + pause, refusal }]]);
};

const isOfTransship = ({ pod }: Fated): boolean => pod.metadata.namespace === systemNamespace;

/** Transship moves the others, so its own pods go when no other is left, and one after the other. */
const inTurn = (fated: readonly Fated[]): readonly Fated[] => {
  const leaving = fated.filter(({ fate }) => fate.is !== 'staying');
  const [ours, others] = [leaving.filter(isOfTransship), leaving.filter((each) => !isOfTransship(each))];
  if (others.length > 0) return others.filter(isToBeEvicted);
  return ours.every(isToBeEvicted) ? ours.slice(0, 1) : [];
};

/** Those to evict now. */
export const dueEvictions = (fated: readonly Fated[], attempts: Attempts, now: number): readonly Pod[] =>
  inTurn(fated)
    .filter(({ pod }) => now >= (attempts.get(pod.metadata.uid)?.notBefore ?? Number.POSITIVE_INFINITY))
    .slice(0, mostAtOnce)
    .map(({ pod }) => pod);

/** When to look again, if nothing else happens before; undefined when there is nothing to wait for. */
export const nextLook = (fated: readonly Fated[], attempts: Attempts): number | undefined => {
  const times = [
    ...inTurn(fated).map(({ pod }) => attempts.get(pod.metadata.uid)?.notBefore ?? 0),
    ...fated.flatMap(({ fate }) => (fate.is === 'kept' ? [fate.until] : [])),
  ];
  return times.length === 0 ? undefined : Math.min(...times);
};
