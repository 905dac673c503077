import { fitnessOf, type MigrationNodeStatus } from '../api/migration-node.ts';
import type { MigrationPolicySpec } from '../api/migration-policy.ts';
import { type Migration, phaseOf, type SourceStatus } from '../api/migration.ts';
import { migrationAnnotation, schedulerName } from '../api/names.ts';
import { isFinished } from '../api/phase.ts';
import type { Pod } from '../api/pod.ts';
import type { Clock } from '../clock/clock.ts';
import { nodesAtFault } from '../migration/attempt.ts';
import type { Demand } from '../migration/node-fit/candidate.ts';
import { unpulledImagesOf } from '../migration/node-fit/images.ts';
import type { KnownNodes } from './candidates.ts';

/** All of it from memory: the scheduler asks for each pod while its whole queue waits. */
export interface SchedulingFacts extends KnownNodes {
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

/** `pod` is the target as it is to be. */
export const demandOf = (
  { migration, source, sourceAgent }: Move,
  pod: Pod,
  { nodes, policyOfMove, clock }: SchedulingFacts,
): Demand => ({
  source,
  sourceNode: nodes.get({ name: source.nodeName }),
  sourceAgent,
  unpulledImages: unpulledImagesOf(pod),
  maxInbound: policyOfMove(migration).maxInboundPerNode,
  wanted: migration.spec.targetNodeName,
  atFault: nodesAtFault(migration),
  now: clock.now(),
});
