import { expect, it } from 'vitest';
import { parentOf, visitorsIn } from './visitors.ts';

const parents: Readonly<Record<number, number>> = { 10: 5, 11: 10, 12: 11, 20: 6, 21: 20 };
const parent = (pid: number): number | undefined => parents[pid];

it.each([
  ['none, where all descend from the first', [10, 11, 12], []],
  ['one that the runtime has started', [10, 11, 20], [20]],
  ['but not what that one has started itself: it goes with it', [10, 20, 21], [20]],
  ['nor one that has ended since', [10, 30], []],
  ['nor the first, whoever has started it', [10], []],
])('of visitors there are %s', (_what, processes, expected) => {
  expect(visitorsIn(10, processes, parent)).toEqual(expected);
});

it('knows the parent of a process, and none of one that has ended', () => {
  expect(parentOf(process.pid, '/proc')).toBe(process.ppid);
  expect(parentOf(2 ** 22, '/proc')).toBeUndefined();
});
