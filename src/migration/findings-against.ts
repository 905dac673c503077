import { fitnessOf } from '../api/migration-node.ts';
import type { Pod } from '../api/pod.ts';
import type { Finding } from '../api/reasons.ts';
import { findingsOf, type Surroundings } from './eligibility.ts';
import type { Facts } from './facts.ts';
import { setFindings } from './namesake/stateful-set.ts';

/** About the node that the request names, if it names one. */
const wantedNodeFindings = ({ migration, wantedNode }: Facts, source: Pod, now: number): Finding[] => {
  const { targetNodeName: name } = migration.spec;
  if (name === undefined) return [];
  if (!wantedNode.node) return [{ reason: 'TargetNodeNotFound', message: `Node ${name} does not exist` }];
  if (name === source.spec.nodeName)
    return [{ reason: 'TargetNodeIsSource', message: `Node ${name} is the one on which the pod already runs` }];
  const fitness = fitnessOf(wantedNode.agent, now);
  return fitness.usable
    ? []
    : [{ reason: 'TargetNodeHasNoAgent', message: `Node ${name} cannot take the pod: ${fitness.why}` }];
};

/** With the places that come into question for this request. */
const narrowed = ({ migration: { spec }, surroundings = {} }: Facts): Surroundings => {
  const { places } = surroundings;
  if (spec.targetNodeName === undefined || !places) return surroundings;
  const wanted = Iterator.from(places.candidates).find(({ name }) => name === spec.targetNodeName);
  return { ...surroundings, places: { ...places, candidates: wanted ? [wanted] : [] } };
};

export const ofStatefulSet = ({ statefulSet }: Facts, source: Pod): readonly Finding[] =>
  statefulSet === undefined ? [] : setFindings(source, statefulSet ?? undefined);

/** Everything that speaks against the move of a pod. Of a node that is wrong for a reason of its own nothing more is said. */
export const findingsAgainst = (facts: Facts, source: Pod, now: number): readonly Finding[] => {
  const { sourceNode, policy } = facts;
  const aboutWanted = wantedNodeFindings(facts, source, now);
  const surroundings = aboutWanted.length > 0 ? { ...facts.surroundings, places: undefined } : narrowed(facts);
  return [
    ...findingsOf({ pod: source, sourceNode, policy, now, ...surroundings }),
    ...ofStatefulSet(facts, source),
    ...aboutWanted,
  ];
};
