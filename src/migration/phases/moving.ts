import type { Facts } from '../facts.ts';
import { decideArrived } from './arrived.ts';
import type { Step } from '../step.ts';

/**
 * The agents have it. Any write of ours makes their commit fail, which is what is
 * to happen when one of the two pods is gone or is being deleted: the agents know
 * of processes, not of pods, and would commit to one that the kubelet is about to end.
 */
export const decideMoving = (facts: Facts, now: number): Step[] => decideArrived(facts, now);
