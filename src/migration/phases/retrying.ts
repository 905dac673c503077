import { attemptOf } from '../../api/migration.ts';
import { leftMs, notBeforeOf } from '../deadline.ts';
import type { Facts } from '../facts.ts';
import { runDue } from '../hooks/run-due.ts';
import { fail } from '../taking-back/interruption.ts';
import { sourceLoss } from '../loss/source-loss.ts';
import { phaseChange } from '../status.ts';
import type { Step } from '../step.ts';
import { mostAttempts } from '../attempt.ts';
import { removeTarget } from './undone.ts';

const lookAgainMs = 1_000;

/** Takes away what the last attempt has made, waits for a moment, and begins anew with a look at the source. */
export const decideRetrying = (facts: Facts, now: number): Step[] => {
  const { migration } = facts;
  const loss = sourceLoss(facts);
  if (loss) return fail(facts, now, loss);
  const removal = removeTarget(facts);
  // Two targets of one move would have the same address.
  if (removal.length > 0) return [...removal, { do: 'lookAgain', afterMs: lookAgainMs }];
  const hook = runDue(facts, now);
  if (hook) return hook;
  const begins = notBeforeOf(migration);
  if (now < begins) return [{ do: 'lookAgain', afterMs: Math.min(begins - now, leftMs(facts, now)) }];
  const message = `attempt ${attemptOf(migration)} of at most ${mostAttempts(migration)} begins`;
  const fields = { target: null, notBefore: null, timings: null, imageBytes: null };
  return [
    {
      do: 'writeStatus',
      patch: phaseChange(migration, {
        to: 'Inspecting',
        now,
        reason: 'Accepted',
        message,
        fields,
        movable: 'Unknown',
      }),
    },
  ];
};
