import type { MigrationNode, MigrationNodeStatus } from '../../api/migration-node.ts';
import type { SourceStatus } from '../../api/migration.ts';
import type { Node } from '../../api/pod.ts';

/** One node as a place for one target. */
export interface Candidate {
  readonly name: string;
  readonly node: Node | undefined;
  readonly agent: MigrationNode | undefined;
  /** Other moves that go to this node now. */
  readonly inbound: number;
}

/** What is asked of every candidate. */
export interface Demand {
  readonly source: Pick<SourceStatus, 'nodeName' | 'memoryBytes'>;
  readonly sourceNode: Node | undefined;
  readonly sourceAgent: MigrationNodeStatus;
  /** Images that no node pulls for this pod, because it says so. */
  readonly unpulledImages: readonly string[];
  readonly maxInbound: number;
  /** The one node that the Migration wants, where it wants one. */
  readonly wanted?: string | undefined;
  /** Nodes that were at fault in earlier attempts of the move. */
  readonly atFault: ReadonlySet<string>;
  readonly now: number;
}

/** Where a pod could go. */
export interface Places {
  readonly sourceNode: Node | undefined;
  /** All nodes, or the one that the Migration names. There may be thousands: do not go through them for nothing. */
  readonly candidates: Iterable<Candidate>;
}
