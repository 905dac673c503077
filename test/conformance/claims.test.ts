import { describe, expect, it } from 'vitest';
import { brokenOf, ofAll } from './claims.ts';

describe('claims of several subjects', () => {
  it.each([
    ['hold when they hold of all', [{ moved: true }, { moved: true }], { moved: true }],
    ['do not when they do not of the first', [{ moved: false }, { moved: true }], { moved: false }],
    ['do not when they do not of the last', [{ moved: true }, { moved: false }], { moved: false }],
    ['are those that any of them has', [{ moved: true }, { connected: false }], { moved: true, connected: false }],
  ])('%s', (_case, each, together) => {
    expect(ofAll(...each)).toEqual(together);
  });
});

describe('broken claims', () => {
  it('are those that do not hold', () => {
    expect(brokenOf({ moved: true, connected: false, whole: false })).toEqual(['connected', 'whole']);
  });
});
