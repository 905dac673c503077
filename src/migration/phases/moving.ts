import type { Facts } from '../facts.ts';
import { decideArrived } from './arrived.ts';
import type { Step } from '../step.ts';

/**
 * The agents have it. Any write of ours makes their commit fail, which is what is
 * to happen when one of the two pods is gone or is being deleted, or the target has
 * to leave its node again: the agents know of processes, not of pods and nodes, and
 * would commit to one that is about to end.
 */
export const decideMoving = (facts: Facts, now: number): Step[] => decideArrived(facts, now);
