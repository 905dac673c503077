import { runtimeClass } from '../../api/names.ts';
import { type Facts, livingSource } from '../facts.ts';
import { fail, untilDeadline } from '../taking-back/interruption.ts';
import { runDue } from '../hooks/run-due.ts';
import { connectionsToLose } from '../lost-connections.ts';
import { addressIsTaken, reserveAddress } from '../lease.ts';
import { sourceLoss } from '../loss/source-loss.ts';
import { conditionOf, phaseChange, type Verdict } from '../status.ts';
import type { Step } from '../step.ts';
import { isOfNamesakes } from '../namesake/kind.ts';
import { targetPodName } from '../target-pod/target-name.ts';

const conflict = ({ lease }: Facts): Verdict => {
  const { podNamespace = '', podName = '' } = lease?.spec ?? {};
  return {
    reason: 'AddressConflict',
    message: `the address ${lease?.metadata.name ?? ''} is leased to Pod ${podNamespace}/${podName}`,
  };
};

/** An agent of an older version does not know that it should: the processes would end with their object. */
const isUnheld = (facts: Facts): boolean => {
  const { signalsHeld, stateWithheld } = facts.migration.status?.source ?? {};
  const isWrapped = livingSource(facts)?.spec.runtimeClassName === runtimeClass;
  return isOfNamesakes(facts.migration) && !(signalsHeld === true && (isWrapped || stateWithheld === true));
};

const unheld = ({ migration: { spec, status } }: Facts): Verdict => ({
  reason: 'SignalsNotHeld',
  message: `the agent of node ${status?.source?.nodeName ?? ''} does not keep signals away from pod ${spec.podName}; is it of an older version?`,
});

/** Of what the move will cost, while it can still be cancelled. */
const warning = (facts: Facts): Step[] => {
  const loss = connectionsToLose(facts.migration);
  const source = livingSource(facts);
  const pod = source && { name: source.metadata.name, uid: source.metadata.uid };
  return loss ? [{ do: 'tell', type: 'Warning', ...loss, pod }] : [];
};

/** Waits for what the source's agent sees in the processes; then reserves the address and announces the target. */
export const decideInspecting = (facts: Facts, now: number): Step[] => {
  const { migration } = facts;
  const loss = sourceLoss(facts);
  if (loss) return fail(facts, now, loss);
  if (conditionOf(migration, 'Movable')?.status !== 'True') return [untilDeadline(facts, now)];
  if (isUnheld(facts)) return fail(facts, now, unheld(facts));
  if (addressIsTaken(facts)) return fail(facts, now, conflict(facts));
  const hook = runDue(facts, now);
  if (hook) return hook;
  const podName = isOfNamesakes(migration) ? migration.spec.podName : targetPodName(migration);
  const patch = phaseChange(migration, {
    to: 'Preparing',
    now,
    reason: 'TargetCreated',
    message: `the target pod ${podName} is created and waits for a node`,
    fields: { target: { podName } },
  });
  // The name is written before the pod is made: whoever takes over from us finds what there is to clean up.
  return [...reserveAddress(facts), { do: 'writeStatus', patch }, ...warning(facts)];
};
