/**
 * The phases of one move. `status.phase` changes only by compare-and-swap on
 * the Migration's resourceVersion; beside each phase stands who may leave it.
 *
 *   Pending ──▶ Inspecting ──▶ Preparing ──▶ Arrived ──▶ Moving ══▶ Committed ──▶ Succeeded
 *   controller   source agent   target agent  source agent  source     controller
 *      │             │          (controller     (controller  agent
 *      │             │           on deadline)    on deadline)
 *      └─────────────┴───────────────┴─────────────┴───────────┴──▶ Failed | Cancelled
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
  'Committed',
  'Succeeded',
  'Failed',
  'Cancelled',
] as const;

export type Phase = (typeof phases)[number];

/** Nothing happens to this Migration any more. */
export const isFinished = (phase: Phase): boolean =>
  phase === 'Succeeded' || phase === 'Failed' || phase === 'Cancelled';

/** The target has been chosen by the record: it alone may run. */
export const isCommitted = (phase: Phase): boolean => phase === 'Committed' || phase === 'Succeeded';

const next: Record<Phase, readonly Phase[]> = {
  Pending: ['Inspecting', 'Failed', 'Cancelled'],
  Inspecting: ['Preparing', 'Failed', 'Cancelled'],
  Preparing: ['Arrived', 'Failed', 'Cancelled'],
  Arrived: ['Moving', 'Failed', 'Cancelled'],
  Moving: ['Committed', 'Failed', 'Cancelled'],
  Committed: ['Succeeded'],
  Succeeded: [],
  Failed: [],
  Cancelled: [],
};

/** May a Migration go from one phase to the other? */
export const mayFollow = (from: Phase, to: Phase): boolean => next[from].includes(to);
