import type { Facts } from '../facts.ts';
import { runDue } from '../hooks/run-due.ts';
import { fail, untilDeadline } from '../taking-back/interruption.ts';
import { redirection } from '../redirection.ts';
import { sourceLoss } from '../loss/source-loss.ts';
import type { Step } from '../step.ts';
import { targetLoss } from '../loss/target-loss.ts';

/** We see to it that both pods still exist, and that the target may stay where it is; then hooks are run, and then it is the source agent's turn. */
export const decideArrived = (facts: Facts, now: number): Step[] => {
  const loss = sourceLoss(facts);
  if (loss) return fail(facts, now, loss);
  const gone = targetLoss(facts);
  if (gone !== undefined) return fail(facts, now, { reason: 'TargetPodGone', message: gone });
  const elsewhere = redirection(facts);
  if (elsewhere) return fail(facts, now, elsewhere);
  return runDue(facts, now) ?? [untilDeadline(facts, now)];
};
