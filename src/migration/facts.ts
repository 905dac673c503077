import type { IPLease } from '../api/addresses.ts';
import type { Migration } from '../api/migration.ts';
import type { MigrationNode } from '../api/migration-node.ts';
import type { Node, Pod } from '../api/pod.ts';
import type { HookReports } from './hooks/report.ts';
import type { Surroundings } from './eligibility.ts';
import type { StatefulSet } from '../api/stateful-set.ts';
import type { Line } from './queue/line.ts';
import type { PolicyChoice } from './policy/policy.ts';

export type Creation = { readonly uid: string } | { readonly rehearsed: true } | { readonly refusal: string };

/** Everything that a decision about one Migration is taken from. */
export interface Facts {
  readonly migration: Migration;
  /** Milliseconds for which it has been seen in its present phase, by a clock that nobody sets; at most as long as it is in it. */
  readonly seenForMs: number;
  /** Milliseconds for which the object of its source has been seen to be removed, by the same clock. */
  readonly removedForMs?: number | undefined;
  /** The pod that `spec.podName` names now, whatever its UID. */
  readonly source: Pod | undefined;
  /** The other pods of its owner; asked only after the commit. */
  readonly siblings?: readonly Pod[];
  /** The agent of the node on which that pod runs. */
  readonly sourceNode: MigrationNode | undefined;
  /** There is no Node any more of the name on which the source ran. */
  readonly sourceNodeIsGone?: boolean | undefined;
  /** The pod that has the target's name now, whoever made it; never the source itself. */
  readonly target: Pod | undefined;
  /** The node on which the target is; undefined when there is none of that name. */
  readonly targetNode: Node | undefined;
  /** About `spec.targetNodeName`. */
  readonly wantedNode: { readonly node: Node | undefined; readonly agent: MigrationNode | undefined };
  /** The policy of the source. */
  readonly policy: PolicyChoice;
  /** What the source depends on besides its node; asked only while the move waits. */
  readonly surroundings?: Surroundings | undefined;
  /** The StatefulSet of the source; null when there is none of that name, undefined when nobody has looked. */
  readonly statefulSet?: StatefulSet | null | undefined;
  /** Other Migrations about pods of that name; asked only while the move waits. */
  readonly others: readonly Migration[];
  /** All that wait for room; nobody is in it unless this one waits, too. */
  readonly line: Line;
  /** The lease of the source's address. */
  readonly lease: IPLease | undefined;
  /** Does the pod still exist to which that lease is given? */
  readonly leaseIsInUse: boolean;
  /** What whoever runs hooks knows of those of this move. */
  readonly hooks?: HookReports | undefined;
  /** What came of creating the target in the round before, or of rehearsing it: the UID it got, or why the API server refused. */
  readonly created?: Creation | undefined;
}

/** The source, if it still is the very pod that was to be moved. */
export const livingSource = ({ migration, source }: Facts): Pod | undefined => {
  const wanted = migration.status?.source?.podUID ?? migration.spec.podUID;
  return source && (wanted === undefined || source.metadata.uid === wanted) ? source : undefined;
};
