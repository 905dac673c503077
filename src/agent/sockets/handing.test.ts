import { expect, it } from 'vitest';
import { handedTo } from './handing.ts';
import { pairsOf } from './pairs.ts';
import { dumped, external } from './socket-fixture.ts';

it('gives each container its own ends, as descriptors that nobody else uses', () => {
  const pairs = pairsOf([
    { container: 'web', sockets: [external(2), dumped(1, 2), dumped(5, 6), external(6)] },
    { container: 'app', sockets: [dumped(2, 1), external(1), dumped(6, 5), external(5)] },
    { container: 'log', sockets: [dumped(9, 0)] },
  ]);
  const handed = (name: string) => handedTo(name, pairs.flat(), [3, 4, 5, 6]);
  expect(handed('web')).toEqual([
    { from: 3, to: 200, ino: 1 },
    { from: 5, to: 201, ino: 5 },
  ]);
  expect(handed('app')).toEqual([
    { from: 4, to: 200, ino: 2 },
    { from: 6, to: 201, ino: 6 },
  ]);
  expect(handed('log')).toEqual([]);
});
