import { type StepOf, type UndoableOf, wayOf } from '../plan.ts';

/**
 * What the agent of the target's node does in one attempt, in this order; beside
 * each step, how it is taken back. It begins when `runc create` of the target
 * has come to the rendezvous; from `divert` on it follows the source.
 *
 *   journal ─ stand ─ arrive ┄ divert ─ receive ─ restore ─ promise ══ release ─ note ─ tidy
 *                              └──────── the freeze ────────┘         the commit
 */
const targetPlan = [
  {
    step: 'journal',
    does: 'notes down for another process of this agent what may be left standing',
    undo: 'removes the note',
  },
  {
    step: 'stand',
    does: 'lets packets wait, makes room for an image',
    undo: 'lets the container fail, wipes the image, lets packets through',
  },
  { step: 'arrive', does: 'writes Arrived into the record' },
  { step: 'divert', does: 'leads packets to the target, where they wait', undo: 'leads them to the source again' },
  { step: 'receive', does: 'takes the image and the files', undo: 'wipes them' },
  { step: 'restore', does: 'lets the container go on into the restore', undo: 'kills the restored processes' },
  { step: 'promise', does: 'tells the source that the target is held; from then on the record alone decides' },
  { step: 'release', does: 'lets the processes run, and gives them what waited' },
  { step: 'note', does: 'writes into the record that the target runs' },
  { step: 'tidy', does: 'wipes the image, the settings and the note' },
] as const;

export type TargetStep = StepOf<typeof targetPlan>;
export type UndoableTargetStep = UndoableOf<typeof targetPlan>;

export const targetWay = wayOf(targetPlan);

export const afterCommit: readonly TargetStep[] = ['release', 'note', 'tidy'];

/** What needs the source's agent at the other end of a connection. */
export const together: readonly TargetStep[] = ['divert', 'receive', 'restore', 'promise'];
