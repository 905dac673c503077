import { describe, expect, it } from 'vitest';
import { obstaclesOf, type Waiting, type Way } from './queue.ts';

const minute = 60_000;
const now = 100 * minute;

const wide = { maxConcurrent: 10, maxOutboundPerNode: 2, maxInboundPerNode: 2 };
const narrow = { ...wide, maxConcurrent: 1 };

/** Waits since a moment ago, away from n1. */
const move = (key: string, changes: Partial<Waiting> = {}): Waiting => ({
  ...{ key, since: now - 1_000, priority: 0, limits: wide, from: 'n1', to: undefined },
  ...changes,
});
const from = (node: string, to?: string): Way => ({ from: node, to });

const begin = (waiting: readonly Waiting[], underWay: readonly Way[] = []): string[] => {
  const obstacles = obstaclesOf(waiting, underWay, now);
  return waiting.map(({ key }) => key).filter((key) => !obstacles.has(key));
};

const oneFromN1 = [from('n1')];
const twoFromN1 = [from('n1'), from('n1')];

describe('of those that wait', () => {
  it.each<[string, Waiting[], Way[], string[]]>([
    ['all begin that there is room for', [move('a'), move('b')], [], ['a', 'b']],
    ['the oldest begins first', [move('a'), move('b', { since: now - 2_000 })], oneFromN1, ['b']],
    [
      'the one of the higher priority begins first',
      [move('a'), move('b', { priority: 1, since: now })],
      oneFromN1,
      ['b'],
    ],
    [
      'a minute of waiting is worth a step of priority',
      [move('a', { priority: 3, since: now }), move('b', { priority: 1, since: now - 2 * minute - 1 })],
      oneFromN1,
      ['b'],
    ],
    [
      'but no less than a minute is',
      [move('a', { priority: 3, since: now }), move('b', { priority: 1, since: now - 2 * minute + 1 })],
      oneFromN1,
      ['a'],
    ],
    ['the name decides between equals', [move('b'), move('a')], oneFromN1, ['a']],
    ['none begins away from a node that is full', [move('a')], twoFromN1, []],
    [
      'one whose node is full holds up none of another node',
      [move('a', { priority: 9 }), move('b', { from: 'n2' })],
      twoFromN1,
      ['b'],
    ],
    ['none begins to a node that is full', [move('a', { to: 'n3' })], [from('n2', 'n3'), from('n4', 'n3')], []],
    [
      'one that names no target is not held up by a target that is full',
      [move('a', { to: 'n3' }), move('b')],
      [from('n2', 'n3'), from('n4', 'n3')],
      ['b'],
    ],
    ['none begins when the cluster is full', [move('a', { limits: narrow })], [from('n2')], []],
    [
      'narrow limits of one hold up none that has wider ones',
      [move('a', { limits: narrow }), move('b')],
      [from('n2')],
      ['b'],
    ],
    [
      'unless it has waited for two minutes: then the room is kept for it',
      [move('a', { limits: narrow, since: now - 2 * minute }), move('b')],
      [from('n2')],
      [],
    ],
    [
      'room is kept on its own nodes only',
      [move('a', { since: now - 2 * minute, to: 'n3' }), move('b'), move('c', { from: 'n5' })],
      [from('n2', 'n3'), from('n4', 'n3')],
      ['c'],
    ],
    [
      'room is kept from those only that come after it',
      [move('a', { limits: narrow, since: now - 2 * minute }), move('b', { priority: 9 })],
      [from('n2')],
      ['b'],
    ],
    [
      'one of unknown node takes room in the cluster',
      [move('a', { from: undefined, limits: narrow })],
      [from('n2')],
      [],
    ],
  ])('%s', (_what, waiting, underWay, expected) => {
    expect(begin(waiting, underWay)).toEqual(expected);
  });
});

it('each is told what it lacks, and how many go before it there', () => {
  const waiting = [move('a'), move('b'), move('c'), move('d', { from: 'n2' })];
  expect([...obstaclesOf(waiting, oneFromN1, now)]).toEqual([
    ['b', { room: 'from node n1', limit: 2, underWay: 1, before: 1 }],
    ['c', { room: 'from node n1', limit: 2, underWay: 1, before: 2 }],
  ]);
});
