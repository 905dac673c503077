import type { MigrationPolicySpec } from '../../api/migration-policy.ts';

/*
 * The queue of the moves that wait for room.
 *
 * Its order is priority, then age, and each minute of waiting counts as one step
 * of priority. So a step of priority is a head start of a minute: a move of
 * priority 10 stands where one of priority 0 would stand that came ten minutes
 * earlier. The order of two moves never changes, and what comes later than the
 * longest head start stands behind: nothing starves.
 *
 * A move that has no room does not hold up those behind it that have some, on
 * other nodes or under wider limits. Only when it has waited for long is the
 * room kept for it that the others would go on taking; then too others pass on
 * nodes that it does not want.
 */

/** Of its policy. They count all moves, whatever policies those have. */
export type Limits = Pick<MigrationPolicySpec, 'maxConcurrent' | 'maxOutboundPerNode' | 'maxInboundPerNode'>;

/** Where a move goes, as far as that is known. */
export interface Way {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export interface Waiting extends Way {
  /** Tells it from the others. */
  readonly key: string;
  /** When it was asked for. */
  readonly since: number;
  readonly priority: number;
  readonly limits: Limits;
}

/** Why a move cannot begin now. */
export interface Obstacle {
  /** Where there is no room, as sentences say it: `from node n1`. */
  readonly room: string;
  readonly limit: number;
  /** Moves that are there now. */
  readonly underWay: number;
  /** Moves that wait for the same room and go first. */
  readonly before: number;
}

const stepMs = 60_000;

/** From then on room is kept for it. Far shorter than the deadline that moves have by default. */
const patienceMs = 120_000;

/** Where it stands, as a time. */
const turnOf = ({ since, priority }: Waiting): number => since - priority * stepMs;

const inTurn = (a: Waiting, b: Waiting): number =>
  turnOf(a) - turnOf(b) || a.since - b.since || (a.key < b.key ? -1 : Number(a.key > b.key));

const inCluster = 'in the cluster';
const fromNode = (node: string): string => `from node ${node}`;
const toNode = (node: string): string => `to node ${node}`;

/** Where a move takes up room. Where no target is named the extender of the scheduler keeps the limit when it chooses one. */
const roomsOf = ({ from, to }: Way): string[] => [
  inCluster,
  ...(from === undefined ? [] : [fromNode(from)]),
  ...(to === undefined ? [] : [toNode(to)]),
];

const limitOf = (room: string, { limits, from }: Waiting): number => {
  if (room === inCluster) return limits.maxConcurrent;
  return from !== undefined && room === fromNode(from) ? limits.maxOutboundPerNode : limits.maxInboundPerNode;
};

/** How many there are in each room. */
class Tally {
  readonly #counts = new Map<string, number>();

  constructor(ways: readonly Way[] = []) {
    for (const way of ways) this.add(way);
  }

  add(way: Way): void {
    for (const room of roomsOf(way)) this.#counts.set(room, this.of(room) + 1);
  }

  of(room: string): number {
    return this.#counts.get(room) ?? 0;
  }
}

/** What to keep free for one that has waited for long and lacks room. While the cluster has room, others may take it: its own nodes are what it lacks. */
const roomsToKeep = (move: Waiting, lacking: readonly string[], now: number): string[] =>
  lacking.length === 0 || now - move.since < patienceMs
    ? []
    : roomsOf(move).filter((room) => room !== inCluster || lacking.includes(inCluster));

/**
 * Those that cannot begin now, each with what stands in its way. Of all others
 * any one may; then it has to be asked again. Takes n log n steps for n moves
 * that wait.
 */
export const obstaclesOf = (
  waiting: readonly Waiting[],
  underWay: readonly Way[],
  now: number,
): ReadonlyMap<string, Obstacle> => {
  const obstacles = new Map<string, Obstacle>();
  const present = new Tally(underWay);
  const taken = new Tally(underWay);
  const before = new Tally();
  const kept = new Set<string>();
  for (const move of [...waiting].sort(inTurn)) {
    const lacking = roomsOf(move).filter((room) => kept.has(room) || taken.of(room) >= limitOf(room, move));
    const [room] = lacking;
    if (room === undefined) {
      taken.add(move);
    } else {
      const counts = { underWay: present.of(room), before: before.of(room) };
      obstacles.set(move.key, { room, limit: limitOf(room, move), ...counts });
    }
    before.add(move);
    for (const each of roomsToKeep(move, lacking, now)) kept.add(each);
  }
  return obstacles;
};
