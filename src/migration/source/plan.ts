import { type StepOf, type UndoableOf, wayOf } from '../plan.ts';

/**
 * What the agent of the source's node does in one attempt, in this order; beside
 * each step, how it is taken back. Undoing goes backwards and every undo may be
 * done twice, because an agent that was killed does not know how far it came.
 *
 *   claim ─ connect ─ journal ─ copy ─ shut ─ freeze ─ dump ─ divert ─ send ─ hold ─ ask ══ tell ─ fence ─ conclude
 *                                             └──────────── the freeze ────────────┘   the commit
 */
const sourcePlan = [
  { step: 'claim', does: 'writes Moving into the record, which it owns from then on' },
  {
    step: 'connect',
    does: 'meets the agent of the target, and makes ready what the freeze needs',
    undo: 'ends the connection, the guard and the image',
  },
  {
    step: 'journal',
    does: 'notes down for another process of this agent what may be left frozen',
    undo: 'removes the note',
  },
  { step: 'copy', does: 'copies files while the source runs' },
  { step: 'shut', does: 'shuts out clients that come now, for CRIU leaves them out', undo: 'lets them in again' },
  { step: 'freeze', does: 'stops the source', undo: 'thaws it' },
  {
    step: 'dump',
    does: 'lets CRIU write the image',
    undo: 'waits for CRIU, takes its lock off the network, and gives the sockets back',
  },
  { step: 'divert', does: 'sends packets to the target, where they wait', undo: 'leads them to the source again' },
  { step: 'send', does: 'sends the image, and the files that have changed since' },
  { step: 'hold', does: 'waits until the target is restored and held' },
  { step: 'ask', does: 'asks the record for the commit; until the answer is known, nobody may thaw the source' },
  { step: 'tell', does: 'tells the target that it may run' },
  { step: 'fence', does: 'cuts the source off, which never runs again' },
  { step: 'conclude', does: 'notes down the commit, and ends the connection, the guard and the image' },
] as const;

export type SourceStep = StepOf<typeof sourcePlan>;
export type UndoableSourceStep = UndoableOf<typeof sourcePlan>;

export const sourceWay = wayOf(sourcePlan);

export const afterCommit: readonly SourceStep[] = ['tell', 'fence', 'conclude'];

/** What an agent that finds a journal must take to be standing: all that outlives a process. */
export const mayStand: readonly SourceStep[] = ['journal', 'shut', 'freeze', 'dump', 'divert'];
