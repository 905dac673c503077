import { isReady, type Pod } from '../../api/pod.ts';
import { adoptionPatch, givenUpPatch, isAdopted } from '../adoption.ts';
import type { Facts } from '../facts.ts';
import { moveAddress } from '../lease.ts';
import { phaseChange, phaseSince, type Verdict, withConditions } from '../status.ts';
import type { PodRef, Step } from '../step.ts';
import { targetLoss } from '../target-loss.ts';

/** A pod whose readiness probe failed before the move will not become ready by it. Its owner has to have it anyway. */
const longestWaitMs = 60_000;

const refOf = (pod: Pod): PodRef => ({ name: pod.metadata.name, uid: pod.metadata.uid });

const idOf = (containerID: string | undefined): string | undefined => containerID?.replace(/^[a-z]+:\/\//, '');

/**
 * Is the container that runs now the one that was restored? After a crash the
 * kubelet would have made another, and that is a cold start, not a move.
 */
const runsRestored = ({ migration }: Facts, target: Pod): boolean => {
  const restored = idOf(migration.status?.target?.containerID);
  return (target.status?.containerStatuses ?? []).every(
    (status) =>
      status.state?.running !== undefined && (restored === undefined || idOf(status.containerID) === restored),
  );
};

/** The pod that the record names as the source, if it is still there. No other may be touched. */
const recordedSource = ({ migration, source }: Facts): Pod | undefined =>
  source !== undefined && source.metadata.uid === migration.status?.source?.podUID ? source : undefined;

const removeSource = (facts: Facts): Step[] => {
  const source = recordedSource(facts);
  return source ? [{ do: 'deletePod', pod: refOf(source) }] : [];
};

/** There is no way back to the source and no target: the owner starts a new pod, and nobody is told that it was moved. */
const lose = (facts: Facts, now: number, message: string): Step[] => {
  const { migration, target } = facts;
  const verdict: Verdict = { reason: 'TargetPodGone', message: `${message}, after the commit; the pod starts anew` };
  const isStillThere = target !== undefined && target.metadata.uid === migration.status?.target?.podUID;
  return [
    ...(isStillThere && !isAdopted(target) ? [{ do: 'deletePod', pod: refOf(target) } as const] : []),
    ...removeSource(facts),
    ...endWithout(facts, now, verdict),
  ];
};

/** Ends the Migration without a claim: the phase stays what the record says, Committed. */
const endWithout = (facts: Facts, now: number, verdict: Verdict): Step[] => {
  const { migration } = facts;
  const conditions = withConditions(
    migration,
    [
      { type: 'Succeeded', status: 'False', ...verdict },
      { type: 'Finished', status: 'True', ...verdict },
    ],
    now,
  );
  const { source, target } = migration.status ?? {};
  return [
    {
      do: 'writeStatus',
      patch: { metadata: { resourceVersion: migration.metadata.resourceVersion }, status: { ...verdict, conditions } },
    },
    { do: 'tell', type: 'Warning', ...verdict, pod: source && { name: migration.spec.podName, uid: source.podUID } },
    ...(target?.podUID
      ? [{ do: 'tell', type: 'Warning', ...verdict, pod: { name: target.podName, uid: target.podUID } } as const]
      : []),
  ];
};

/** Makes the target the owner's pod and then removes the source, in this order: the owner must never count too few. */
const handOver = (facts: Facts, target: Pod): Step[] => {
  const { migration } = facts;
  const source = recordedSource(facts);
  const from = migration.status?.source?.nodeName ?? '';
  return [
    ...(source && !isAdopted(target)
      ? [{ do: 'patchPod', name: source.metadata.name, patch: givenUpPatch(source) } as const]
      : []),
    ...(isAdopted(target)
      ? []
      : [{ do: 'patchPod', name: target.metadata.name, patch: adoptionPatch(target, source, from) } as const]),
    ...removeSource(facts),
  ];
};

const succeed = (facts: Facts, now: number, target: Pod, note: string): Step[] => {
  const { migration } = facts;
  const from = migration.status?.source?.nodeName ?? '';
  const message = `Pod ${migration.spec.podName} was moved from node ${from} to node ${target.spec.nodeName ?? ''} as ${target.metadata.name}${note}`;
  return [
    { do: 'writeStatus', patch: phaseChange(migration, { to: 'Succeeded', now, reason: 'Moved', message }) },
    { do: 'tell', type: 'Normal', reason: 'Moved', message, pod: refOf(target) },
  ];
};

/** Gives the target the address, the owner and the labels, and removes the source. */
export const decideCommitted = (facts: Facts, now: number): Step[] => {
  const { migration, target } = facts;
  const address = moveAddress(facts);
  const gone = targetLoss(facts);
  if (gone !== undefined || !target) return lose(facts, now, gone ?? 'the target pod is gone');
  const waitedMs = now - phaseSince(migration);
  const isLate = waitedMs >= longestWaitMs;
  if (!isReady(target) && !isLate)
    return [...address, { do: 'lookAgain', afterMs: Math.max(1_000, longestWaitMs - waitedMs) }];
  if (!runsRestored(facts, target)) {
    const reason = 'TargetPodGone';
    const message = `the container of the target pod ${target.metadata.name} ended after the commit and was started anew`;
    return [...address, ...handOver(facts, target), ...endWithout(facts, now, { reason, message })];
  }
  const note = isReady(target) ? '' : '; it is not ready yet';
  return [...address, ...handOver(facts, target), ...succeed(facts, now, target, note)];
};
