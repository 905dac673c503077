import type { Migration } from '../../api/migration.ts';
import type { Node, Pod } from '../../api/pod.ts';
import type { Lookup } from '../../kube/lookup.ts';
import type { EmptyingFacts } from '../../migration/emptying/facts.ts';
import type { PodsOn } from '../caches.ts';
import type { FindingsOf } from '../findings.ts';
import type { PolicyOf } from '../policies/choice.ts';

export interface KnownOfNodes {
  readonly pods: Lookup<Pod>;
  readonly podsOn: PodsOn;
  readonly migrations: Lookup<Migration>;
  readonly policyOf: PolicyOf;
  readonly findingsOf: FindingsOf;
}

/** A Migration that has not been looked at yet names no node; its pod does. */
export const nodeOfMove = ({ metadata, spec, status }: Migration, pods: Lookup<Pod>): string | undefined =>
  status?.source?.nodeName ?? pods.get({ namespace: metadata.namespace, name: spec.podName })?.spec.nodeName;

/** All of it from memory: the webhook on nodes asks, too, and with a node as it will be. */
export const factsOf = (node: Node, known: KnownOfNodes): EmptyingFacts => {
  const { name } = node.metadata;
  return {
    node,
    pods: known.podsOn(name).map((pod) => ({ pod, policy: known.policyOf(pod), findings: known.findingsOf(pod) })),
    migrations: known.migrations.items().filter((migration) => nodeOfMove(migration, known.pods) === name),
  };
};
