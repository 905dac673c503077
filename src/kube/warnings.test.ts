import { expect, it } from 'vitest';
import { warningsIn } from './warnings.ts';

it.each([
  ['none', [], []],
  ['one', ['299 - "1 pod of node w1 starts to move"'], ['1 pod of node w1 starts to move']],
  ['one with quotes in it', ['299 - "write \\"true\\", not \\\\"'], ['write "true", not \\']],
  ['several in one header', ['299 - "a, b", 299 - "c"'], ['a, b', 'c']],
  ['several headers', ['299 - "a"', '299 - "b"'], ['a', 'b']],
  ['one of a proxy, about its cache', ['110 cache "Response is stale"'], []],
  ['what is no warning', ['nonsense'], []],
])('reads %s', (_what, headers, texts) => {
  expect(warningsIn(headers)).toEqual(texts);
});
