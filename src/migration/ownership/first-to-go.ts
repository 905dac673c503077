import { isReady, type Pod } from '../../api/pod.ts';
import type { Step } from '../step.ts';
import { isOfJob } from './job.ts';

/*
 * Which pod goes when an owner has one too many, as it has in the instant in
 * which both target and source are its own. It is to be the source.
 *
 * A ReplicaSet or ReplicationController removes first what has no node, then
 * what is Pending, then what is not ready, and only among equals what costs least
 * to delete. A Job does not look at the cost, but removes the one that became
 * ready last: the target (kubernetes, pkg/controller/controller_utils.go,
 * ActivePodsWithRanks and ActivePods).
 */

/** Does the owner count it? */
const isActive = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp === undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';

/** Of a pod without a node nothing has been started: no loss, if another takes its place. */
const couldBeLost = (pod: Pod): boolean => isActive(pod) && pod.spec.nodeName !== undefined;

const isPending = ({ status }: Pod): boolean => (status?.phase ?? 'Pending') === 'Pending';

const notReady = (source: Pod): object[] =>
  (source.status?.conditions ?? []).map((condition) =>
    ['Ready', 'ContainersReady'].includes(condition.type)
      ? { ...condition, status: 'False', reason: 'Moved', message: 'the pod runs on another node' }
      : condition,
  );

/**
 * Puts the source behind all others where what it costs to delete does not: says
 * of it that it is not ready, which it is not, for it stands still; and that it is
 * Pending where one of the others has not started yet. Only there, because it is a
 * ready pod less for whoever counts them until the target is the owner's. The
 * kubelet of the source may say otherwise, but only after it has seen this.
 *
 * @param others the target and all pods of the owner
 */
export const firstToGo = (source: Pod, others: readonly Pod[]): readonly Step[] => {
  if (!isActive(source)) return [];
  const losable = others.filter(couldBeLost);
  const asPending = losable.some(isPending) && !isPending(source);
  const asUnready = isReady(source) && (isOfJob(source) || losable.some((pod) => !isReady(pod)));
  if (!asPending && !asUnready) return [];
  const { name, uid } = source.metadata;
  const status = { ...(asPending && { phase: 'Pending' }), conditions: notReady(source) };
  return [{ do: 'patchPodStatus', name, patch: { metadata: { uid }, status } }];
};
