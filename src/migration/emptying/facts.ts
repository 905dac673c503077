import { untouchedNamespaces } from '../../api/group.ts';
import type { MigrationPolicySpec } from '../../api/migration-policy.ts';
import type { Migration } from '../../api/migration.ts';
import type { Node, Pod } from '../../api/pod.ts';
import type { Finding } from '../../api/reasons.ts';
import type { PolicyChoice } from '../policy/policy.ts';

export interface PodOnNode {
  readonly pod: Pod;
  readonly policy: PolicyChoice;
  /** Every reason why it cannot be moved. */
  readonly findings: readonly Finding[];
}

/** What is known when a node is emptied, or is so no longer. */
export interface EmptyingFacts {
  readonly node: Node;
  /** All that are on the node, moved or not. */
  readonly pods: readonly PodOnNode[];
  /** All Migrations away from the node or of pods on it, whoever asked for them. */
  readonly migrations: readonly Migration[];
}

/** The policy of a pod that opted in and can be moved without anybody asking for it by name. */
export const movablePolicy = ({ pod, policy, findings }: PodOnNode): MigrationPolicySpec | undefined => {
  const isTouched = !untouchedNamespaces.includes(pod.metadata.namespace ?? '');
  return isTouched && findings.length === 0 && !('conflict' in policy) ? policy.spec : undefined;
};
