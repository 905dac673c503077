import type { Phase } from './phase.ts';

/** Those that write the record of a move, each told by its credentials. */
export type Writer = 'controller' | 'sourceAgent' | 'targetAgent';

const all: readonly Writer[] = ['controller', 'sourceAgent', 'targetAgent'];

/**
 * Who may bring a Migration into a phase; `next` says from which. The commit is
 * one agent's word: the one that could still let the source run. The admission
 * policy on the record's status is generated from this.
 */
export const enteredBy: Readonly<Record<Phase, readonly Writer[]>> = {
  Pending: ['controller'],
  Inspecting: ['controller'],
  Preparing: ['controller'],
  // The target's agent when the target has come, the source's when a transfer broke that can be resumed.
  Arrived: ['sourceAgent', 'targetAgent'],
  Moving: ['sourceAgent'],
  Retrying: all,
  Committed: ['sourceAgent'],
  Succeeded: ['controller'],
  Lost: ['controller', 'targetAgent'],
  Failed: all,
  // Whoever finds that a move was asked back while it took it back for a reason of its own.
  Cancelled: all,
};
