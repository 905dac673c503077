import { isReady, type Pod } from '../../api/pod.ts';
import { handOver, isAdopted, recordedSource } from '../ownership/adoption.ts';
import type { Facts } from '../facts.ts';
import { moveAddress } from '../lease.ts';
import { lossNote } from '../lost-connections.ts';
import { isOfNamesakes } from '../namesake/kind.ts';
import { phaseChange } from '../status.ts';
import type { Step } from '../step.ts';
import { nodeLoss, restartOf, targetLoss } from '../loss/target-loss.ts';

/** A pod whose readiness probe failed before the move will not become ready by it. Its owner has to have it anyway. */
const longestWaitMs = 60_000;

/** A target that nobody has reported as running for so long, on a node that lives, has no agent that could. */
const longestSilenceMs = 300_000;

/** There is no way back to the source and no target: nobody is told that the pod was moved. */
const lose = ({ migration }: Facts, now: number, why: string): Step[] => {
  const message = `${why}, after the commit; the pod starts anew`;
  return [{ do: 'writeStatus', patch: phaseChange(migration, { to: 'Lost', now, reason: 'TargetLost', message }) }];
};

const noteOn = (target: Pod): string => {
  if (target.metadata.deletionTimestamp !== undefined) return '; it is being deleted by now';
  return isReady(target) ? '' : '; it is not ready yet';
};

const succeed = (facts: Facts, now: number, target: Pod): Step[] => {
  const { migration } = facts;
  const from = migration.status?.source?.nodeName ?? '';
  const message = `Pod ${migration.spec.podName} was moved from node ${from} to node ${target.spec.nodeName ?? ''} as ${target.metadata.name}${noteOn(target)}${lossNote(migration)}`;
  const pod = { name: target.metadata.name, uid: target.metadata.uid };
  return [
    {
      do: 'writeStatus',
      patch: phaseChange(migration, { to: 'Succeeded', now, reason: 'Moved', message, fields: { removal: null } }),
    },
    { do: 'tell', type: 'Normal', reason: 'Moved', message, pod },
  ];
};

const isReleased = ({ migration }: Facts): boolean => migration.status?.target?.releaseTime !== undefined;

/** Why there is nothing left to wait for; undefined while the target lives or may live. */
const lossOf = (facts: Facts, waitedMs: number): string | undefined => {
  const loss = targetLoss(facts) ?? restartOf(facts) ?? (waitedMs >= longestWaitMs ? nodeLoss(facts) : undefined);
  if (loss !== undefined || isReleased(facts) || waitedMs < longestSilenceMs) return loss;
  return `the agent of its node did not say within ${longestSilenceMs / 1000} s that the target pod ${facts.migration.status?.target?.podName ?? ''} runs`;
};

/** Is it only left to say so? The owner may have removed the target since, or its container may have ended. */
const isHandedOver = (facts: Facts, target: Pod): boolean =>
  isReleased(facts) && isAdopted(target) && target.metadata.uid === facts.migration.status?.target?.podUID;

/**
 * Then its owner has one too few, or wants fewer; until it has the target it starts another, or counts wrongly. That of
 * a namesake has its target already.
 */
const isSourceLeaving = (facts: Facts): boolean => {
  if (isOfNamesakes(facts.migration)) return false;
  const source = recordedSource(facts);
  return source === undefined || source.metadata.deletionTimestamp !== undefined;
};

/**
 * Gives the target the address, the owner and the labels, and removes the
 * source. That the pod was moved is said only when the agent of its node has
 * seen it run: the kubelet counts a held container as running.
 */
export const decideCommitted = (facts: Facts, now: number): Step[] => {
  const { target, seenForMs: waitedMs } = facts;
  const address = moveAddress(facts);
  if (target && isHandedOver(facts, target))
    return [...address, ...handOver(facts, target), ...succeed(facts, now, target)];
  const loss = lossOf(facts, waitedMs);
  if (loss !== undefined || !target) return [...address, ...lose(facts, now, loss ?? 'the target pod is gone')];
  const isLate = waitedMs >= longestWaitMs;
  const isToBeHandedOver = isReleased(facts) && (isReady(target) || isLate || isSourceLeaving(facts));
  if (!isToBeHandedOver) return [...address, { do: 'lookAgain', afterMs: Math.max(5_000, longestWaitMs - waitedMs) }];
  return [...address, ...handOver(facts, target), ...succeed(facts, now, target)];
};
