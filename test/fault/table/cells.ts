import type { Runtime } from '../../../lab/cluster.ts';
import type { FailPoint } from '../../../src/failpoint/points.ts';
import type { Fault } from '../faults/fault.ts';
import { type Expectation, exists, expectedOf } from './expected.ts';
import { answers, steps } from './steps.ts';

/** One fault at one step. */
export interface Cell {
  readonly fault: Fault;
  /** Name of the step: its point, and of an answer the phase that was written. */
  readonly step: string;
  readonly point: FailPoint;
  readonly detail?: string;
  /** Stands at the end of a row of the design's table of steps. */
  readonly isRow: boolean;
  readonly expected: Expectation;
}

/** The fault of an answer exists where answers are given, and all others nowhere there. */
const lostAnswers = (fault: Fault): readonly Cell[] =>
  answers.map(({ point, detail, stage }) => ({
    fault,
    step: `${point}/${detail}`,
    point,
    detail,
    isRow: true,
    expected: expectedOf(fault.name, { point, stage }),
  }));

/** A fault that exists at few steps only is tried at each of them. */
const fewSteps = 4;

const cellsOf = (fault: Fault): readonly Cell[] => {
  if (fault.name === 'answer-lost') return lostAnswers(fault);
  const possible = steps.filter((step) => exists(fault.name, step));
  return possible.map(({ point, stage, row }) => ({
    fault,
    step: point,
    point,
    isRow: row !== undefined || possible.length <= fewSteps,
    expected: expectedOf(fault.name, { point, stage }),
  }));
};

/** The whole table: every fault at every step at which there can be such a thing. */
export const cellsOfAll = (faults: readonly Fault[]): readonly Cell[] => faults.flatMap(cellsOf);

/** Runtimes of source and target, in the order in which they take turns. */
export const runtimePairs: readonly (readonly [source: Runtime, target: Runtime])[] = [
  ['containerd', 'containerd'],
  ['containerd', 'docker'],
  ['docker', 'docker'],
  ['docker', 'containerd'],
];

/** The pairs on which a fault exists. */
const pairsOf = ({ needs }: Fault): typeof runtimePairs =>
  runtimePairs.filter(
    ([source, target]) =>
      (needs?.source === undefined || needs.source === source) &&
      (needs?.target === undefined || needs.target === target),
  );

export interface Turn {
  readonly cell: Cell;
  readonly runtimes: readonly [source: Runtime, target: Runtime];
}

/**
 * Gives each cell a pair of runtimes in fixed rotation: along a fault's steps
 * one after the other, and each fault begins with another pair. `round` shifts
 * all of them, so that four rounds meet every pair.
 */
export const inTurn = (cells: readonly Cell[], round = 0): readonly Turn[] => {
  const seen = new Map<string, number>();
  return cells.map((cell) => {
    const { fault } = cell;
    const pairs = pairsOf(fault);
    const nth = seen.get(fault.name) ?? 0;
    const first = [...new Set(cells.map((each) => each.fault.name))].indexOf(fault.name);
    seen.set(fault.name, nth + 1);
    return { cell, runtimes: pairs[(first + nth + round) % pairs.length]! };
  });
};
