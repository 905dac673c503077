import type { Finding, Reason } from '../../api/reasons.ts';
import type { Candidate, Demand } from './candidate.ts';

/**
 * Why a node must not get a target. The scheduler counts equal texts and shows
 * the user "0/5 nodes are available: 1 NodeIsSource: is the source of the move,
 * 2 …", so the message begins with a verb and names no node.
 */
export interface Refusal extends Finding {
  /** It may be over soon by itself; while it is all that is against a node, a move can wait for that node. */
  readonly passes: boolean;
}

export type Objection = (candidate: Candidate, demand: Demand) => Refusal | undefined;

export const forGood = (reason: Reason, message: string): Refusal => ({ reason, message, passes: false });
export const forNow = (reason: Reason, message: string): Refusal => ({ reason, message, passes: true });
