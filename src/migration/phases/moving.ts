import type { Facts } from '../facts.ts';
import { untilDeadline } from '../interruption.ts';
import type { Step } from '../step.ts';

/**
 * The agents have it. Any write of ours would make their commit fail, so even a
 * pod that is gone is theirs to find out; deadline and cancel are dealt with
 * before this is asked.
 */
export const decideMoving = (facts: Facts, now: number): Step[] => [untilDeadline(facts, now)];
