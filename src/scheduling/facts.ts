import { fitnessOf, type MigrationNode, type MigrationNodeStatus } from '../api/migration-node.ts';
import type { MigrationPolicySpec } from '../api/migration-policy.ts';
import { type Migration, phaseOf, type SourceStatus } from '../api/migration.ts';
import { migrationAnnotation, schedulerName } from '../api/names.ts';
import { isFinished } from '../api/phase.ts';
import type { Node, Pod } from '../api/pod.ts';
import type { Clock } from '../clock/clock.ts';
import type { Lookup } from '../kube/lookup.ts';
import { nodesAtFault } from '../migration/attempt.ts';
import type { Candidate, Demand } from '../migration/node-fit/filter.ts';

/** All of it from memory: the scheduler asks for each pod while its whole queue waits. */
export interface SchedulingFacts {
  readonly migrations: Lookup<Migration>;
  readonly migrationNodes: Lookup<MigrationNode>;
  readonly nodes: Lookup<Node>;
  /** What holds for a move now. */
  readonly policyOfMove: (migration: Migration) => MigrationPolicySpec;
  readonly clock: Clock;
}

/** The pod gets no node: never, or not before something is known that is still missing. */
export interface Unanswerable {
  readonly why: string;
  readonly forGood: boolean;
}

const never = (why: string): Unanswerable => ({ why, forGood: true });
const notYet = (why: string): Unanswerable => ({ why, forGood: false });

export interface Move {
  readonly migration: Migration;
  readonly source: SourceStatus;
  readonly sourceAgent: MigrationNodeStatus;
}

const isOtherTarget = (pod: Pod, { status }: Migration): boolean =>
  status?.target !== undefined && status.target.podName !== pod.metadata.name;

const migrationOf = (pod: Pod, { migrations }: SchedulingFacts): Migration | Unanswerable => {
  const name = pod.metadata.annotations?.[migrationAnnotation];
  if (name === undefined)
    return never(`the pod is no target of a move; only targets are for the scheduler ${schedulerName}`);
  const namespace = pod.metadata.namespace ?? 'default';
  const migration = migrations.get({ namespace, name });
  if (!migration) return notYet(`the pod is the target of Migration ${namespace}/${name}, which is not known`);
  if (isOtherTarget(pod, migration)) return never(`the target of Migration ${namespace}/${name} is another pod`);
  if (isFinished(phaseOf(migration)))
    return never(`Migration ${namespace}/${name} is finished (${phaseOf(migration)})`);
  return migration;
};

/** The move that this pod is the target of, with what is known of its source. */
export const moveOf = (pod: Pod, facts: SchedulingFacts): Move | Unanswerable => {
  const migration = migrationOf(pod, facts);
  if ('why' in migration) return migration;
  const source = migration.status?.source;
  if (!source) return notYet(`the source of Migration ${migration.metadata.name} has not been looked at yet`);
  const fitness = fitnessOf(facts.migrationNodes.get({ name: source.nodeName }), facts.clock.now());
  if (!fitness.usable)
    return notYet(`the node of the source, ${source.nodeName}, cannot be compared with: ${fitness.why}`);
  return { migration, source, sourceAgent: fitness.status };
};

/** How many other unfinished moves go to each node. */
const inboundCounts = (migrations: readonly Migration[], except: Migration): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const migration of migrations) {
    const node = migration.status?.target?.nodeName;
    if (node === undefined || migration.metadata.uid === except.metadata.uid || isFinished(phaseOf(migration)))
      continue;
    counts.set(node, (counts.get(node) ?? 0) + 1);
  }
  return counts;
};

export const candidatesOf = (
  names: readonly string[],
  { migration }: Move,
  facts: SchedulingFacts,
): readonly Candidate[] => {
  const inbound = inboundCounts(facts.migrations.items(), migration);
  return names.map((name) => ({
    name,
    node: facts.nodes.get({ name }),
    agent: facts.migrationNodes.get({ name }),
    inbound: inbound.get(name) ?? 0,
  }));
};

export const demandOf = (
  { migration, source, sourceAgent }: Move,
  { policyOfMove, clock }: SchedulingFacts,
): Demand => ({
  source,
  sourceAgent,
  maxInbound: policyOfMove(migration).maxInboundPerNode,
  wanted: migration.spec.targetNodeName,
  atFault: nodesAtFault(migration),
  now: clock.now(),
});
