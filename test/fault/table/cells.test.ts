import { describe, expect, it } from 'vitest';
import { nodes } from '../../../lab/cluster.ts';
import { failPoints } from '../../../src/failpoint/points.ts';
import { faults } from '../faults/all.ts';
import { direct, fits, shiftsOf } from '../run/schedule.ts';
import { cellsOfAll, inTurn, runtimePairs } from './cells.ts';
import { chosenTurns } from './choice.ts';
import { exists } from './expected.ts';
import { answers, steps } from './steps.ts';

const cells = cellsOfAll(faults);
const all = chosenTurns({});
const rows = steps.filter(({ row }) => row !== undefined);
const nameOf = ({ cell }: (typeof all)[number]): string => `${cell.fault.name} at ${cell.step}`;

describe('the table', () => {
  it('has every fault once', () => {
    const names = faults.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('has every point of the code, and the answers by what they write', () => {
    const points = new Set([...steps, ...answers].map(({ point }) => point));
    expect([...points].sort()).toEqual(Object.keys(failPoints).sort());
  });

  it('lets every fault meet every boundary at which it can exist', () => {
    const met = new Set(all.map(nameOf));
    const missing = faults
      .filter(({ name }) => name !== 'answer-lost')
      .flatMap(({ name }) => rows.filter((row) => exists(name, row)).map(({ point }) => `${name} at ${point}`))
      .filter((name) => !met.has(name));
    expect(missing).toEqual([]);
    expect(all.length).toBeGreaterThanOrEqual(150);
  });

  it('says what is to come of each, and never leaves everything open', () => {
    for (const { expected } of cells) {
      expect(expected.outcomes.length).toBeGreaterThan(0);
      expect(expected.outcomes.length).toBeLessThan(3);
    }
  });

  it('takes a move back before the commit and never after it', () => {
    const stageOf = new Map([...steps, ...answers].map(({ point, stage }) => [point, stage]));
    for (const { point, expected } of cells.filter(({ detail }) => detail === undefined)) {
      if (stageOf.get(point) === 'committed') expect(expected.outcomes).not.toContain('RolledBack');
    }
  });
});

describe('the rotation', () => {
  it('lets every fault meet every pair of runtimes on which it exists', () => {
    for (const fault of faults.filter(({ name }) => cells.filter((c) => c.fault.name === name).length >= 4)) {
      const pairs = new Set(all.filter(({ cell }) => cell.fault === fault).map(({ runtimes }) => runtimes.join()));
      const possible = runtimePairs.filter(
        ([source, target]) => (fault.needs?.source ?? source) === source && (fault.needs?.target ?? target) === target,
      );
      expect(pairs.size).toBe(possible.length);
    }
  });

  it('repeats one cell on one pair after the other', () => {
    const turns = chosenTurns({ fault: 'migration-deleted', step: 'source.held', runs: '4' });
    expect(new Set(turns.map(({ runtimes }) => runtimes.join())).size).toBe(4);
  });

  it('is the same every time', () => {
    expect(inTurn(cells)).toEqual(inTurn(cells));
  });
});

describe('the schedule', () => {
  const shifts = shiftsOf(all);

  it('takes every turn exactly once, on a couple that fits', () => {
    const taken = shifts.flatMap(({ shared, alone }) => [...shared, ...alone]);
    expect(taken.map(nameOf).sort()).toEqual(all.map(nameOf).sort());
    for (const { division, shared, alone } of shifts)
      for (const turn of [...shared, ...alone])
        expect(division.couples.some((couple) => fits(turn, couple))).toBe(true);
  });

  it('never lets two lanes share a node', () => {
    for (const { division } of shifts) {
      const used = division.couples.flat();
      expect(new Set(used).size).toBe(used.length);
    }
  });

  it('goes from where the program is, unless the runtime is wrong', () => {
    const [turn] = all;
    const across = { cell: turn!.cell, runtimes: ['docker', 'containerd'] } as const;
    expect(direct(across, ['n1', 'n3'], 'n1')).toEqual({ source: 'n3', target: 'n1' });
    expect(direct(across, ['n1', 'n3'], 'n3')).toEqual({ source: 'n3', target: 'n1' });
    const within = { cell: turn!.cell, runtimes: ['docker', 'docker'] } as const;
    expect(direct(within, ['n3', 'n4'], 'n4')).toEqual({ source: 'n4', target: 'n3' });
  });
});

describe('what somebody wants', () => {
  it.each<[string, Parameters<typeof chosenTurns>[0], RegExp]>([
    ['a fault that there is not', { fault: 'meteor' }, /^there is no fault meteor; there are source-agent-killed, /],
    ['a step that there is not', { step: 'source.lost' }, /^there is no step source.lost/],
    [
      'a fault where it does not exist',
      { fault: 'stream-corrupted', step: 'source.held' },
      /does not exist at source.held$/,
    ],
    ['no number of runs', { runs: 'many' }, /^--runs many is no number of runs$/],
  ])('may not be %s', (_what, wanted, message) => {
    expect(() => chosenTurns(wanted)).toThrow(message);
  });

  it('may be the sample, which make test has twenty of', () => {
    expect(chosenTurns({ sample: true })).toHaveLength(20);
  });
});

it('the lab has two workers of each runtime, as the schedule needs', () => {
  const workers = nodes.filter(({ controlPlane }) => !controlPlane);
  expect(workers.map(({ runtime }) => runtime).sort()).toEqual(['containerd', 'containerd', 'docker', 'docker']);
});
