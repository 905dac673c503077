import type { Heard } from '../workload/asking/heard.ts';

/** Answers that came at one moment: one of them, or all of a run of which only the sum is told. */
export interface Batch {
  /** In milliseconds since 1970. */
  readonly at: number;
  readonly requests: number;
  readonly failed: number;
  readonly wrong: number;
  readonly broken: number;
  /** The longest time for which one of them was waited. */
  readonly longestWaitMs: number;
}

/** A row of the table of out/workloads.json. */
export interface Row {
  readonly workload: string;
  /** `containerd→docker`: the runtimes of source and target. */
  readonly pair: string;
  readonly requests: number;
  readonly failed: number;
  readonly wrong: number;
  readonly broken: number;
  /** The longest time for which a client waited for an answer. */
  readonly longestGapMs: number;
}

/** One move, and the time in which what came of it shows: from the end of the one before on. */
export interface Leg {
  readonly pair: string;
  readonly from: number;
  readonly to: number;
}

export const batchOf = ({ at, waitedMs, verdict }: Heard): Batch => ({
  ...{ at, requests: 1, longestWaitMs: waitedMs },
  failed: verdict === 'failed' ? 1 : 0,
  wrong: verdict === 'wrong' ? 1 : 0,
  broken: verdict === 'broken' ? 1 : 0,
});

const sum = (batches: readonly Batch[], field: 'requests' | 'failed' | 'wrong' | 'broken'): number =>
  batches.reduce((total, batch) => total + batch[field], 0);

const longest = (batches: readonly Batch[]): number =>
  batches.reduce((most, { longestWaitMs }) => Math.max(most, longestWaitMs), 0);

/**
 * A row for each leg. What came after the last one belongs to it: nothing else moves then, and what is lost may show late.
 *
 * @param differences between what was told and what was found in the end; nobody knows which of the moves made them
 */
export const rowsOf = (
  workload: string,
  legs: readonly Leg[],
  heard: readonly Batch[],
  differences: number,
): readonly Row[] =>
  legs.map(({ pair, from, to }, index) => {
    const isLast = index === legs.length - 1;
    const own = heard.filter(({ at }) => at >= from && (at < to || isLast));
    return {
      ...{ workload, pair },
      requests: sum(own, 'requests'),
      failed: sum(own, 'failed'),
      wrong: sum(own, 'wrong') + (isLast ? differences : 0),
      broken: sum(own, 'broken'),
      longestGapMs: Math.round(longest(own)),
    };
  });

const heads = ['workload', 'pair', 'requests', 'failed', 'wrong', 'broken', 'longest gap'] as const;

const cellsOf = (row: Row): readonly string[] => [
  ...[row.workload, row.pair],
  ...[row.requests, row.failed, row.wrong, row.broken].map(String),
  `${String(row.longestGapMs)} ms`,
];

/** As a person reads it: words to the left, numbers to the right. */
export const tableOf = (rows: readonly Row[]): string => {
  const lines = [heads, ...rows.map(cellsOf)];
  const widths = heads.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const pad = (cell: string, column: number): string =>
    column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return lines.map((cells) => cells.map(pad).join('  ').trimEnd()).join('\n');
};
