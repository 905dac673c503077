import { expect, it } from 'vitest';
import { isOlder } from './version.ts';

it.each([
  ['4.1', '4.2', true],
  ['4.2', '4.2.1', true],
  ['4.9', '4.10', true],
  ['3.17.1', '4.0', true],
  ['4.2.1', '4.2.1', false],
  ['4.2', '4.2.0', false],
  ['4.2.1-dirty', '4.2.1', false],
  ['5.0', '4.2.1', false],
])('%s older than %s: %s', (version, than, expected) => {
  expect(isOlder(version, than)).toBe(expected);
});
