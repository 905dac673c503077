import { fitnessOf } from '../../api/migration-node.ts';
import { phaseOf } from '../../api/migration.ts';
import { isFinished } from '../../api/phase.ts';
import type { Pod } from '../../api/pod.ts';
import { type Finding, sentenceOf } from '../../api/reasons.ts';
import { judge } from '../../migration/node-fit/filter.ts';
import { unpulledImagesOf } from '../../migration/node-fit/images.ts';
import { candidatesOf } from '../../scheduling/candidates.ts';
import type { ClusterView } from '../cluster/view.ts';

/** A node, and every reason why the pod cannot go there; none means that it can. */
export interface Place {
  readonly node: string;
  /** The message of each begins with a verb: `is cordoned`. */
  readonly against: readonly Finding[];
}

export interface PlaceQuestion {
  readonly maxInbound: number;
  /** The one node that is asked for. */
  readonly wanted?: string | undefined;
}

/** A pod that is on its way to a node takes no other's place there. */
const ownMove = ({ metadata: { uid } }: Pod, { migrations }: Pick<ClusterView, 'migrations'>): string | undefined =>
  migrations.items().find((move) => move.status?.source?.podUID === uid && !isFinished(phaseOf(move)))?.metadata.uid;

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
  const source = fitnessOf(agents?.get({ name: nodeName }), now);
  if (!nodes || !agents || !source.usable) return undefined;
  const names = nodes.items().map(({ metadata }) => metadata.name);
  const known = { nodes, migrationNodes: agents, migrations };
  const demand = {
    source: { nodeName },
    sourceNode: nodes.get({ name: nodeName }),
    sourceAgent: source.status,
    unpulledImages: unpulledImagesOf(pod),
    maxInbound,
    wanted,
    atFault: new Set<string>(),
    now,
  };
  return judge(candidatesOf(names, known, ownMove(pod, { migrations })), demand).map(({ candidate, against }) => ({
    node: candidate.name,
    against: against.map(({ reason, message }) => ({ reason, message })),
  }));
};

/** Reasons with the nodes that have them: a cluster has many nodes and few reasons. */
export const refusalsIn = (places: readonly Place[]): ReadonlyMap<string, readonly string[]> => {
  const refusals = new Map<string, string[]>();
  for (const { node, against } of places) {
    if (against.length === 0) continue;
    const why = sentenceOf(against);
    refusals.set(why, [...(refusals.get(why) ?? []), node]);
  }
  return refusals;
};
