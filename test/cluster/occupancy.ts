import type { MigrationView } from './migrations.ts';
import type { Seen } from './watch.ts';

/** How many moves are under way at once: in the cluster, away from each node, and to each. */
export interface Occupancy {
  readonly inCluster: number;
  readonly fromNode: Readonly<Record<string, number>>;
  readonly toNode: Readonly<Record<string, number>>;
}

/** A change of one move, and how many are under way from then on. */
export interface Instant extends Occupancy {
  /** As the record of the move has it. */
  readonly time: string;
  readonly pod: string;
  readonly phase: string;
  /** Where the target is, once that is known. */
  readonly to?: string;
}

export interface Peaks {
  readonly inCluster: number;
  readonly fromNode: number;
  readonly toNode: number;
}

const finished = new Set(['Succeeded', 'Lost', 'Failed', 'Cancelled']);

const nodeOf = ({ status }: MigrationView): string | undefined => status?.target?.nodeName;
const phaseOf = ({ status }: MigrationView): string => status?.phase ?? 'Pending';
const isUnderWay = (move: MigrationView): boolean => phaseOf(move) !== 'Pending' && !finished.has(phaseOf(move));

const counted = (nodes: readonly (string | undefined)[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const node of nodes) if (node !== undefined) counts[node] = (counts[node] ?? 0) + 1;
  return counts;
};

const occupancyOf = (moves: Iterable<MigrationView>): Occupancy => {
  const underWay = [...moves].filter(isUnderWay);
  return {
    inCluster: underWay.length,
    fromNode: counted(underWay.map(({ status }) => status?.source?.nodeName)),
    toNode: counted(underWay.map(nodeOf)),
  };
};

const instantOf = (move: MigrationView, moves: Iterable<MigrationView>): Instant => {
  const to = nodeOf(move);
  return {
    time: move.status?.phaseTransitions?.at(-1)?.time ?? '',
    pod: move.spec.podName,
    phase: phaseOf(move),
    ...(to !== undefined && { to }),
    ...occupancyOf(moves),
  };
};

const isChanged = (known: MigrationView | undefined, move: MigrationView): boolean =>
  !known || phaseOf(known) !== phaseOf(move) || nodeOf(known) !== nodeOf(move);

/**
 * What a watch of all Migrations has told, as the changes of their phases and of
 * their targets' nodes. The API server tells every state of every record, in the
 * order in which they were written, so no two states are counted together that
 * were not there together, whatever the clocks of those who wrote them say.
 */
export const timelineOf = (events: readonly Seen<MigrationView>[]): readonly Instant[] => {
  const moves = new Map<string, MigrationView>();
  return events.flatMap(({ type, object }) => {
    const { uid } = object.metadata;
    const known = moves.get(uid);
    if (type === 'DELETED') moves.delete(uid);
    else moves.set(uid, object);
    return object.status?.phaseTransitions && isChanged(known, object) ? [instantOf(object, moves.values())] : [];
  });
};

const highest = (counts: readonly number[]): number => Math.max(0, ...counts);

/** The most that there ever were at once; of nodes, on the one that had most. */
export const peaksOf = (timeline: readonly Occupancy[]): Peaks => ({
  inCluster: highest(timeline.map(({ inCluster }) => inCluster)),
  fromNode: highest(timeline.flatMap(({ fromNode }) => Object.values(fromNode))),
  toNode: highest(timeline.flatMap(({ toNode }) => Object.values(toNode))),
});
