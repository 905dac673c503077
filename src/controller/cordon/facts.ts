import type { Migration } from '../../api/migration.ts';
import type { Node, Pod } from '../../api/pod.ts';

/** What is known when a node has been cordoned or uncordoned. */
export interface CordonFacts {
  readonly node: Node;
  /** Does the policy turn cordoning into moves? */
  readonly isTrigger: boolean;
  /** Pods on the node that opted in and can be moved. */
  readonly pods: readonly Pod[];
  /** All Migrations away from the node or of pods on it, whoever asked for them. */
  readonly migrations: readonly Migration[];
}
