import type { MigrationNode } from '../../api/migration-node.ts';
import type { Migration } from '../../api/migration.ts';
import type { Node, Pod } from '../../api/pod.ts';
import type { Clock } from '../../clock/clock.ts';
import type { Lookup } from '../../kube/lookup.ts';
import { findingsOf } from '../../migration/eligibility.ts';
import type { EmptyingFacts } from '../../migration/emptying/facts.ts';
import type { PolicyOf } from '../policies/choice.ts';

export interface KnownOfNodes {
  readonly pods: Lookup<Pod>;
  readonly migrations: Lookup<Migration>;
  readonly migrationNodes: Lookup<MigrationNode>;
  readonly policyOf: PolicyOf;
  readonly clock: Pick<Clock, 'now'>;
}

/** A Migration that has not been looked at yet names no node; its pod does. */
export const nodeOfMove = ({ metadata, spec, status }: Migration, pods: Lookup<Pod>): string | undefined =>
  status?.source?.nodeName ?? pods.get({ namespace: metadata.namespace, name: spec.podName })?.spec.nodeName;

/** All of it from memory: the webhook on nodes asks, too, and with a node as it will be. */
export const factsOf = (node: Node, known: KnownOfNodes): EmptyingFacts => {
  const { name } = node.metadata;
  const sourceNode = known.migrationNodes.get({ name });
  const now = known.clock.now();
  return {
    node,
    pods: known.pods
      .items()
      .filter(({ spec }) => spec.nodeName === name)
      .map((pod) => {
        const policy = known.policyOf(pod);
        return { pod, policy, findings: findingsOf({ pod, sourceNode, policy, now }) };
      }),
    migrations: known.migrations.items().filter((migration) => nodeOfMove(migration, known.pods) === name),
  };
};
