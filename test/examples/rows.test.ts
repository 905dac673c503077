import { describe, expect, it } from 'vitest';
import { type Batch, batchOf, type Leg, rowsOf, tableOf } from './rows.ts';

const answer = (at: number, fields: Partial<Batch> = {}): Batch => ({
  ...{ at, requests: 1, failed: 0, wrong: 0, broken: 0, longestWaitMs: 1 },
  ...fields,
});

const legs: readonly Leg[] = [
  { pair: 'containerd→docker', from: 100, to: 200 },
  { pair: 'docker→docker', from: 200, to: 300 },
];

describe('the rows of a workload', () => {
  it.each<[string, readonly Batch[], number, readonly object[]]>([
    [
      'count each answer with the move in whose time it came',
      [answer(150), answer(200)],
      0,
      [{ requests: 1 }, { requests: 1 }],
    ],
    ['leave out what came before the first move', [answer(99), answer(100)], 0, [{ requests: 1 }, { requests: 0 }]],
    ['count what comes late with the last move', [answer(350, { broken: 1 })], 0, [{ broken: 0 }, { broken: 1 }]],
    [
      'add up runs of many',
      [answer(150, { requests: 5_000, failed: 2 }), answer(160)],
      0,
      [{ requests: 5_001, failed: 2 }, {}],
    ],
    [
      'have the longest wait',
      [answer(150, { longestWaitMs: 80 }), answer(160, { longestWaitMs: 30 })],
      0,
      [{ longestGapMs: 80 }, { longestGapMs: 0 }],
    ],
    ['call differences in the data wrong', [answer(250, { wrong: 1 })], 3, [{ wrong: 0 }, { wrong: 4 }]],
  ])('%s', (_what, heard, differences, expected) => {
    expect(rowsOf('redis', legs, heard, differences)).toMatchObject(expected);
  });
});

describe('an answer', () => {
  it.each(['failed', 'wrong', 'broken'] as const)('that is %s counts as one, and as that', (verdict) => {
    const counts = { failed: 0, wrong: 0, broken: 0, [verdict]: 1 };
    expect(batchOf({ at: 1, waitedMs: 7, verdict })).toEqual({ at: 1, requests: 1, longestWaitMs: 7, ...counts });
  });
});

it('the table has a line for each row, in columns', () => {
  const row = { workload: 'redis-aof', pair: 'docker→docker', failed: 0, wrong: 0, broken: 0, longestGapMs: 310 };
  expect(
    tableOf([
      { ...row, requests: 120_000 },
      { ...row, workload: 'x', requests: 7 },
    ]).split('\n'),
  ).toEqual([
    'workload   pair           requests  failed  wrong  broken  longest gap',
    'redis-aof  docker→docker    120000       0      0       0       310 ms',
    'x          docker→docker         7       0      0       0       310 ms',
  ]);
});
