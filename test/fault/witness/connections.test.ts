import { expect, it } from 'vitest';
import { type Connection, givenUp } from './connections.ts';

const connection = (from: string, secret: string, isSilent = false): Connection => ({
  ...{ from, isSilent, end: undefined },
  told: { first: { lane: 1, secret }, flaw: undefined, take: () => undefined },
});

const busy = connection('10.0.0.1:1', 'a');
const silent = connection('10.0.0.1:2', 'a', true);

it.each<[string, readonly Connection[], string | undefined]>([
  ['is kept while it is the last of its kind', [busy, silent], undefined],
  ['is kept when another instance begins one', [busy, silent, connection('10.0.0.1:3', 'b')], undefined],
  [
    'has ended when its own instance begins one',
    [busy, silent, connection('10.0.0.1:3', 'a')],
    'the program has begun another without a word',
  ],
])('a connection of which no end is told %s', (_what, all, end) => {
  expect(givenUp(busy, all)).toBe(end);
});
