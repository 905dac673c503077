import fc from 'fast-check';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Difference, difference, isEmpty } from './difference.ts';
import type { Survey } from './survey.ts';

const surveyOf = (stamps: Readonly<Record<string, string>>): Survey =>
  new Map(Object.entries(stamps).map(([path, stamp]) => [path, { stamp, whiteout: stamp === 'whiteout' }]));

describe('the difference of two looks at a tree', () => {
  it.each<[string, Record<string, string>, Record<string, string>, Difference]>([
    ['nothing', { a: '1' }, { a: '1' }, { changed: [], removed: [] }],
    ['everything at first', {}, { a: '1', 'a/b': '2' }, { changed: ['a', 'a/b'], removed: [] }],
    [
      'a changed file with its folders before it',
      { a: '1', 'a/b': '2', 'a/b/c': '3' },
      { a: '1', 'a/b': '2', 'a/b/c': '4' },
      { changed: ['a', 'a/b', 'a/b/c'], removed: [] },
    ],
    ['what is gone', { a: '1', b: '2' }, { b: '2' }, { changed: [], removed: ['a'] }],
    ['a deleted file of the image', {}, { a: 'whiteout' }, { changed: [], removed: ['a'] }],
    ['a deleted file only once', { a: 'whiteout' }, { a: 'whiteout' }, { changed: [], removed: [] }],
    ['a file in the place of a deleted one', { a: 'whiteout' }, { a: '1' }, { changed: ['a'], removed: [] }],
    ['no mark that is gone', { 'a/b': 'whiteout' }, {}, { changed: [], removed: [] }],
    ['a file in the place of a folder', { a: '1', 'a/b': '2' }, { a: '3' }, { changed: ['a'], removed: ['a/b'] }],
  ])('is %s', (_what, before, now, expected) => {
    const found = difference(surveyOf(before), surveyOf(now));
    expect(found).toEqual(expected);
    expect(isEmpty(found)).toBe(expected.changed.length + expected.removed.length === 0);
  });
});

/** A file has content; a folder and a mark have none. `version` is what makes the stamp of a folder change. */
interface Thing {
  readonly kind: 'file' | 'folder' | 'whiteout';
  readonly version: number;
}
type Tree = ReadonlyMap<string, Thing>;

const surveyed = (tree: Tree): Survey =>
  new Map(
    [...tree].map(([path, { kind, version }]) => [
      path,
      { stamp: `${kind} ${version}`, whiteout: kind === 'whiteout' },
    ]),
  );

const foldersAbove = (path: string): string[] => {
  const parent = dirname(path);
  return parent === '.' ? [] : [...foldersAbove(parent), parent];
};

/** Paths of one to three short names, so that trees often meet; whatever has something below it is a folder. */
const tree = fc
  .array(
    fc.tuple(
      fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
      fc.record({ kind: fc.constantFrom('file', 'folder', 'whiteout'), version: fc.nat(2) }),
    ),
    { maxLength: 8 },
  )
  .map((entries): Tree => {
    const given = new Map<string, Thing>(entries);
    const folders = new Set([...given.keys()].flatMap(foldersAbove));
    const found = new Map<string, Thing>();
    for (const path of [...new Set([...given.keys(), ...folders])].toSorted()) {
      const { kind = 'folder', version = 0 } = given.get(path) ?? {};
      found.set(path, { kind: folders.has(path) ? 'folder' : kind, version });
    }
    return found;
  });

const isBelow = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);

const remove = (copy: Map<string, Thing>, gone: string): void => {
  for (const path of copy.keys()) if (path === gone || isBelow(path, gone)) copy.delete(path);
};

const unpack = (copy: Map<string, Thing>, path: string, thing: Thing): void => {
  const missing = foldersAbove(path).find((folder) => copy.get(folder)?.kind !== 'folder');
  if (missing !== undefined) throw new Error(`${path} came before its folder ${missing}`);
  if (thing.kind !== 'folder' && [...copy.keys()].some((other) => isBelow(other, path)))
    throw new Error(`${path} is a folder that is not empty`);
  copy.set(path, thing);
};

/** What a target does with a difference: rm -r, then tar, which replaces an empty folder but not a full one. */
const apply = (copy: Map<string, Thing>, { changed, removed }: Difference, from: Tree): void => {
  for (const gone of removed) remove(copy, gone);
  for (const path of changed) unpack(copy, path, from.get(path)!);
};

const visible = (of: Tree): Tree => new Map([...of].filter(([, { kind }]) => kind !== 'whiteout').toSorted());

it('makes a copy of the tree before into one of the tree now', () => {
  fc.assert(
    fc.property(fc.array(tree, { minLength: 1, maxLength: 4 }), (looks) => {
      const copy = new Map<string, Thing>();
      let sent: Tree = new Map();
      for (const now of looks) {
        apply(copy, difference(surveyed(sent), surveyed(now)), now);
        expect(new Map([...copy].toSorted())).toEqual(visible(now));
        sent = now;
      }
    }),
  );
});
