import { fitnessOf } from '../../api/migration-node.ts';
import { sentenceOf } from '../../api/reasons.ts';
import type { Candidate, Demand } from '../node-fit/candidate.ts';
import { reasonsAgainst } from '../node-fit/filter.ts';
import { unpulledImagesOf } from '../node-fit/images.ts';
import { shortList } from '../node-fit/short-list.ts';
import { type Check, type EligibilityFacts, finding } from './check.ts';

/** What the pod asks of a node, as far as that is known before its processes have been looked at. */
const demandOf = ({ pod, policy, sourceNode, places, now }: EligibilityFacts): Demand | undefined => {
  const fitness = fitnessOf(sourceNode, now);
  if (!places || !fitness.usable || 'conflict' in policy) return undefined;
  return {
    source: { nodeName: pod.spec.nodeName ?? '' },
    sourceNode: places.sourceNode,
    sourceAgent: fitness.status,
    unpulledImages: unpulledImagesOf(pod),
    maxInbound: policy.spec.maxInboundPerNode,
    atFault: new Set(),
    now,
  };
};

const mostNodes = 10;

/** Each reason once, with the nodes that have it. */
const reasonsByNode = (candidates: readonly Candidate[], demand: Demand): string => {
  const nodesOf = new Map<string, string[]>();
  for (const candidate of candidates)
    for (const refusal of reasonsAgainst(candidate, demand)) {
      const text = sentenceOf([refusal]);
      const names = nodesOf.get(text);
      if (names) names.push(candidate.name);
      else nodesOf.set(text, [candidate.name]);
    }
  return [...nodesOf].map(([text, names]) => `${text} (${shortList(names, mostNodes)})`).join('; ');
};

const whereText = (others: readonly Candidate[]): string =>
  others.length === 1
    ? `does not fit on node ${others[0]?.name ?? ''}`
    : `fits on none of the ${others.length} other nodes`;

const mayFit = (candidate: Candidate, demand: Demand): boolean =>
  reasonsAgainst(candidate, demand).every(({ passes }) => passes);

/**
 * No node could take the pod, however long the move waits. A node that only
 * cannot do so now is one to wait for: the scheduler does, until the deadline.
 */
export const noNodeFits: Check = (facts) => {
  const demand = demandOf(facts);
  if (!demand) return undefined;
  const others: Candidate[] = [];
  for (const candidate of facts.places?.candidates ?? []) {
    if (candidate.name === demand.source.nodeName) continue;
    if (mayFit(candidate, demand)) return undefined;
    others.push(candidate);
  }
  return others.length === 0
    ? finding('NoNodeFits', facts.pod, 'has no other node to go to')
    : finding('NoNodeFits', facts.pod, `${whereText(others)}: ${reasonsByNode(others, demand)}`);
};
