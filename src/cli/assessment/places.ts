import { fitnessOf } from '../../api/migration-node.ts';
import { type Migration, phaseOf } from '../../api/migration.ts';
import { isFinished } from '../../api/phase.ts';
import type { Pod } from '../../api/pod.ts';
import { type Candidate, type Demand, judge } from '../../scheduling/filter.ts';
import type { ClusterView } from '../cluster/view.ts';

/** A node, and every reason why the pod cannot go there; none means that it can. */
export interface Place {
  readonly node: string;
  /** Each begins with a verb: `is cordoned`. */
  readonly against: readonly string[];
}

export interface PlaceQuestion {
  readonly maxInbound: number;
  /** The one node that is asked for. */
  readonly wanted?: string | undefined;
}

/** How many moves of other pods go to each node now. */
const inboundCounts = (moves: readonly Migration[], pod: Pod): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const move of moves) {
    const node = move.status?.target?.nodeName;
    if (node === undefined || isFinished(phaseOf(move)) || move.status?.source?.podUID === pod.metadata.uid) continue;
    counts.set(node, (counts.get(node) ?? 0) + 1);
  }
  return counts;
};

/**
 * Every node as a place for this pod, by the filter that the scheduler asks when
 * the pod moves. Undefined when the user may not read what it takes, or when the
 * pod has no source that others could be compared with.
 */
export const placesFor = (
  pod: Pod,
  { nodes, agents, migrations, now }: Omit<ClusterView, 'policies'>,
  { maxInbound, wanted }: PlaceQuestion,
): readonly Place[] | undefined => {
  const { nodeName = '' } = pod.spec;
  const source = fitnessOf(agents?.get(nodeName), now);
  if (!nodes || !agents || !source.usable) return undefined;
  const inbound = inboundCounts(migrations, pod);
  const demand: Demand = {
    source: { nodeName, podUID: pod.metadata.uid },
    sourceAgent: source.status,
    maxInbound,
    wanted,
    atFault: new Set(),
    now,
  };
  const candidates: readonly Candidate[] = nodes.map((node) => ({
    name: node.metadata.name,
    node,
    agent: agents.get(node.metadata.name),
    inbound: inbound.get(node.metadata.name) ?? 0,
  }));
  return judge(candidates, demand).map(({ candidate, against }) => ({ node: candidate.name, against }));
};

/** Reasons with the nodes that have them: a cluster has many nodes and few reasons. */
export const refusalsIn = (places: readonly Place[]): ReadonlyMap<string, readonly string[]> => {
  const refusals = new Map<string, string[]>();
  for (const { node, against } of places) {
    if (against.length === 0) continue;
    const why = against.join(' and ');
    refusals.set(why, [...(refusals.get(why) ?? []), node]);
  }
  return refusals;
};
