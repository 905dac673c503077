import type { Facts } from '../facts.ts';
import { fail, untilDeadline } from '../interruption.ts';
import { addressIsTaken, reserveAddress } from '../lease.ts';
import { sourceLoss } from '../source-loss.ts';
import { conditionOf, phaseChange } from '../status.ts';
import type { Step } from '../step.ts';
import { targetPodName } from '../target-name.ts';

/** Waits for what the source's agent sees in the processes; then reserves the address and announces the target. */
export const decideInspecting = (facts: Facts, now: number): Step[] => {
  const { migration, lease } = facts;
  const loss = sourceLoss(facts);
  if (loss) return fail(facts, now, loss);
  if (conditionOf(migration, 'Movable')?.status !== 'True') return [untilDeadline(facts, now)];
  if (addressIsTaken(facts)) {
    const message = `the address ${lease?.metadata.name ?? ''} is leased to Pod ${lease?.spec.podNamespace ?? ''}/${lease?.spec.podName ?? ''}`;
    return fail(facts, now, { reason: 'AddressConflict', message });
  }
  const podName = targetPodName(migration);
  const patch = phaseChange(migration, {
    to: 'Preparing',
    now,
    reason: 'TargetCreated',
    message: `the target pod ${podName} is created and waits for a node`,
    fields: { target: { podName } },
  });
  // The name is written before the pod is made: whoever takes over from us finds what there is to clean up.
  return [...reserveAddress(facts), { do: 'writeStatus', patch }];
};
