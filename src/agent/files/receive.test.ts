import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inside } from './receive.ts';

describe('a path that the other agent names', () => {
  it.each([
    ['a', '/tree/a'],
    ['./a/b', '/tree/a/b'],
    ['a/../b', '/tree/b'],
    ['..a', '/tree/..a'],
    ['a..b/...', '/tree/a..b/...'],
  ])('%s lies in the tree', (path, expected) => {
    expect(inside('/tree', path)).toBe(expected);
  });

  it.each(['..', '../x', 'a/../..', 'a/../../etc/passwd', '/etc/passwd', '/', './../x'])('%s is refused', (path) => {
    expect(() => inside('/tree', path)).toThrow(`The other agent names the file ${path}, which is outside of its tree`);
  });

  it('never leads out of the tree, whatever it is made of', () => {
    const parts = fc.array(fc.constantFrom('..', '.', 'a', '', '...', '..b'), { maxLength: 8 });
    fc.assert(
      fc.property(parts, (names) => {
        let found: string;
        try {
          found = inside('/tree', names.join('/'));
        } catch {
          return;
        }
        expect(found === '/tree' || found === '/tree/' || found.startsWith('/tree/')).toBe(true);
        expect(found.split('/')).not.toContain('..');
      }),
    );
  });
});
