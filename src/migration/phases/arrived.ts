import type { Facts } from '../facts.ts';
import { fail, untilDeadline } from '../interruption.ts';
import { redirection } from '../redirection.ts';
import { sourceLoss } from '../source-loss.ts';
import type { Step } from '../step.ts';
import { targetLoss } from '../target-loss.ts';

/** It is the source agent's turn; we only see to it that both pods still exist, and that the target may stay where it is. */
export const decideArrived = (facts: Facts, now: number): Step[] => {
  const loss = sourceLoss(facts);
  if (loss) return fail(facts, now, loss);
  const gone = targetLoss(facts);
  if (gone !== undefined) return fail(facts, now, { reason: 'TargetPodGone', message: gone });
  const elsewhere = redirection(facts);
  return elsewhere ? fail(facts, now, elsewhere) : [untilDeadline(facts, now)];
};
