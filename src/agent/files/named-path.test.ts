import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { belowTree } from './named-path.ts';

describe('a path that the other agent names', () => {
  it.each([
    ['a', 'a'],
    ['./a/b', 'a/b'],
    ['a/../b', 'b'],
    ['a/', 'a'],
    ['..a', '..a'],
    ['a..b/...', 'a..b/...'],
    ['a\nb', 'a\nb'],
  ])('%j lies in the tree', (path, expected) => {
    expect(belowTree(path)).toBe(expected);
  });

  it.each([
    '..',
    '../x',
    'a/../..',
    'a/../../etc/passwd',
    '/etc/passwd',
    '/',
    './../x',
    '.',
    '',
    'a/..',
    'a\0/etc/passwd',
  ])('%j is refused', (path) => {
    expect(() => belowTree(path)).toThrow(`The other agent names the file ${path}, which is outside of its tree`);
  });

  it('never leads out of the tree, whatever it is made of', () => {
    const parts = fc.array(fc.constantFrom('..', '.', 'a', '', '...', '..b'), { maxLength: 8 });
    fc.assert(
      fc.property(parts, (names) => {
        let found: string;
        try {
          found = belowTree(names.join('/'));
        } catch {
          return;
        }
        expect(found.split('/')).not.toContain('..');
        expect(found.split('/')).not.toContain('');
        expect(found).not.toBe('.');
      }),
    );
  });
});
