import { aboutAgent } from './about-agent.ts';
import { hasOtherArchitecture, isBusy, isCordoned, isDecommissioned, isNotWanted, lacksImage } from './about-node.ts';
import type { Candidate, Demand } from './candidate.ts';
import { forGood, forNow, type Objection, type Refusal } from './refusal.ts';

const isSource: Objection = ({ name }, { source }) =>
  name === source.nodeName ? forGood('NodeIsSource', 'is the source of the move') : undefined;

const aboutNode: readonly Objection[] = [
  isNotWanted,
  isCordoned,
  isDecommissioned,
  isBusy,
  hasOtherArchitecture,
  lacksImage,
];

/** Every reason that this node has in itself why the target must not go to it. */
export const reasonsAgainst = (candidate: Candidate, demand: Demand): readonly Refusal[] => {
  const source = isSource(candidate, demand);
  if (source) return [source];
  const objections = aboutNode.map((objection) => objection(candidate, demand));
  return [...objections.filter((refusal) => refusal !== undefined), ...aboutAgent(candidate, demand)];
};

const wasAtFaultBefore = forNow('NodeWasAtFault', 'was at fault in an earlier attempt of the move');

export interface Judged {
  readonly candidate: Candidate;
  /** None means that the target may go there. */
  readonly against: readonly Refusal[];
}

/**
 * Judges all candidates together: a node that was at fault in an earlier attempt
 * is refused only while another one fits, because its fault may pass and the
 * move would otherwise have no place at all. Nor where the Migration names its node.
 */
export const judge = (candidates: readonly Candidate[], demand: Demand): readonly Judged[] => {
  const judged = candidates.map((candidate) => ({ candidate, against: reasonsAgainst(candidate, demand) }));
  const wasAtFault = ({ candidate }: Judged): boolean => demand.atFault.has(candidate.name);
  const hasChoice = judged.some((each) => each.against.length === 0 && !wasAtFault(each));
  if (demand.wanted !== undefined || !hasChoice) return judged;
  return judged.map((each) => (wasAtFault(each) ? { ...each, against: [...each.against, wasAtFaultBefore] } : each));
};
