/**
 * The phases of one move. `status.phase` changes only by compare-and-swap on
 * the Migration's resourceVersion. Whose turn it is stands under each phase; the
 * controller may besides end every phase before the commit, at a deadline or
 * when it is asked to.
 *
 *   Pending ──▶ Inspecting ──▶ Preparing ──▶ Arrived ──▶ Moving ══▶ Committed ──▶ Succeeded
 *   controller  source agent   target agent  source agent  source     target agent, then controller
 *                                                          agent
 *
 *   Moving ──▶ Arrived                    another attempt, with the same target
 *   Inspecting, Preparing, Arrived, Moving ──▶ Retrying ──▶ Inspecting
 *                                         another attempt, with another target; the controller's turn
 *   Pending, Inspecting, Preparing, Arrived, Moving, Retrying ──▶ Failed | Cancelled
 *   Committed ──▶ Lost                    its target ended
 *
 * The double arrow is the commit. Before it the source may be thawed, after it
 * never; before it the target must not run, after it only the target may.
 */
export const phases = [
  'Pending',
  'Inspecting',
  'Preparing',
  'Arrived',
  'Moving',
  'Retrying',
  'Committed',
  'Succeeded',
  'Lost',
  'Failed',
  'Cancelled',
] as const;

export type Phase = (typeof phases)[number];

/** What may follow each phase. The admission policy on the record's status is generated from it. */
export const next: Readonly<Record<Phase, readonly Phase[]>> = {
  Pending: ['Inspecting', 'Failed', 'Cancelled'],
  Inspecting: ['Preparing', 'Retrying', 'Failed', 'Cancelled'],
  Preparing: ['Arrived', 'Retrying', 'Failed', 'Cancelled'],
  Arrived: ['Moving', 'Retrying', 'Failed', 'Cancelled'],
  Moving: ['Committed', 'Arrived', 'Retrying', 'Failed', 'Cancelled'],
  Retrying: ['Inspecting', 'Failed', 'Cancelled'],
  Committed: ['Succeeded', 'Lost'],
  Succeeded: [],
  Lost: [],
  Failed: [],
  Cancelled: [],
};

/** Nothing follows this phase. */
export const isFinished = (phase: Phase): boolean => next[phase].length === 0;

/** The target has been chosen by the record: it alone may run. */
export const isCommitted = (phase: Phase): boolean =>
  phase === 'Committed' || phase === 'Succeeded' || phase === 'Lost';

/** The present attempt is over without a commit: its source may run, and its target never will. */
export const isTakenBack = (phase: Phase): boolean =>
  phase === 'Retrying' || phase === 'Failed' || phase === 'Cancelled';

/** May a Migration go from one phase to the other? */
export const mayFollow = (from: Phase, to: Phase): boolean => next[from].includes(to);
