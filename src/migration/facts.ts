import type { IPLease } from '../api/addresses.ts';
import type { Migration } from '../api/migration.ts';
import type { MigrationNode } from '../api/migration-node.ts';
import type { Node, Pod } from '../api/pod.ts';
import type { Surroundings } from './eligibility.ts';
import type { PolicyChoice } from './policy.ts';
import type { Waiting } from './queue.ts';

/** Everything that a decision about one Migration is taken from. */
export interface Facts {
  readonly migration: Migration;
  /** Milliseconds for which it has been seen in its present phase, by a clock that nobody sets; at most as long as it is in it. */
  readonly seenForMs: number;
  /** The pod that `spec.podName` names now, whatever its UID. */
  readonly source: Pod | undefined;
  /** The other pods of its owner; asked only after the commit. */
  readonly siblings?: readonly Pod[];
  /** The agent of the node on which that pod runs. */
  readonly sourceNode: MigrationNode | undefined;
  /** The pod that has the target's name now, whoever made it. */
  readonly target: Pod | undefined;
  /** The node on which the target is; undefined when there is none of that name. */
  readonly targetNode: Node | undefined;
  /** About `spec.targetNodeName`. */
  readonly wantedNode: { readonly exists: boolean; readonly agent: MigrationNode | undefined };
  /** The policy of the source. */
  readonly policy: PolicyChoice;
  /** What the source depends on besides its node; asked only while the move waits. */
  readonly surroundings?: Surroundings | undefined;
  /** All other Migrations. */
  readonly others: readonly Migration[];
  /** Those of them that wait for room; asked only while this one waits too. */
  readonly waiting: readonly Waiting[];
  /** The lease of the source's address. */
  readonly lease: IPLease | undefined;
  /** Does the pod still exist to which that lease is given? */
  readonly leaseIsInUse: boolean;
  /** What came of creating the target in the round before: the UID it got, or why the API server refused. */
  readonly created?: { readonly uid: string } | { readonly refusal: string } | undefined;
}

/** The source, if it still is the very pod that was to be moved. */
export const livingSource = ({ migration, source }: Facts): Pod | undefined => {
  const wanted = migration.status?.source?.podUID ?? migration.spec.podUID;
  return source && (wanted === undefined || source.metadata.uid === wanted) ? source : undefined;
};
