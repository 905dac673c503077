import type { MigrationPolicySpec } from '../../api/migration-policy.ts';
import type { Migration } from '../../api/migration.ts';
import type { Node, Pod } from '../../api/pod.ts';

/** A pod that opted in and can be moved, and its policy. */
export interface MovablePod {
  readonly pod: Pod;
  readonly policy: MigrationPolicySpec;
}

/** What is known when a node has been cordoned or uncordoned. */
export interface CordonFacts {
  readonly node: Node;
  /** Those on the node. */
  readonly pods: readonly MovablePod[];
  /** All Migrations away from the node or of pods on it, whoever asked for them. */
  readonly migrations: readonly Migration[];
}
