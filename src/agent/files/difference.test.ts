import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Difference, difference, isEmpty } from './difference.ts';
import { foldersAbove, Overlay, type Thing } from './overlay-fixture.ts';
import type { Survey } from './survey.ts';

const surveyOf = (stamps: Readonly<Record<string, string>>): Survey =>
  new Map(
    Object.entries(stamps).map(([path, stamp]) => [
      path,
      {
        stamp,
        kind: stamp.startsWith('folder') || stamp.startsWith('opaque') ? 'd' : 'f',
        whiteout: stamp === 'whiteout',
        opaque: stamp.startsWith('opaque'),
      },
    ]),
  );

describe('the difference of two looks at a tree', () => {
  it.each<[string, Record<string, string>, Record<string, string>, Difference]>([
    ['nothing', { a: '1' }, { a: '1' }, { changed: [], removed: [] }],
    ['everything at first', {}, { a: 'folder', 'a/b': '2' }, { changed: ['a', 'a/b'], removed: [] }],
    [
      'a changed file with its folders before it',
      { a: 'folder', 'a/b': 'folder', 'a/b/c': '3' },
      { a: 'folder', 'a/b': 'folder', 'a/b/c': '4' },
      { changed: ['a', 'a/b', 'a/b/c'], removed: [] },
    ],
    ['what is gone', { a: '1', b: '2' }, { b: '2' }, { changed: [], removed: ['a'] }],
    ['a deleted file of the image', {}, { a: 'whiteout' }, { changed: [], removed: ['a'] }],
    ['a deleted file only once', { a: 'whiteout' }, { a: 'whiteout' }, { changed: [], removed: [] }],
    ['a file in the place of a deleted one', { a: 'whiteout' }, { a: '1' }, { changed: ['a'], removed: [] }],
    ['no mark that is gone', { 'a/b': 'whiteout' }, {}, { changed: [], removed: [] }],
    [
      'a folder that was made anew, and all that is in it',
      { a: 'folder', 'a/b': '2', 'a/c': '3' },
      { a: 'opaque', 'a/b': '2' },
      { changed: ['a', 'a/b'], removed: ['a'] },
    ],
    ['a folder that was made anew only once', { a: 'opaque' }, { a: 'opaque' }, { changed: [], removed: [] }],
    [
      'a file in the place of a folder',
      { a: 'folder', 'a/b': '2', c: 'folder' },
      { a: '3', c: '4' },
      { changed: ['a', 'c'], removed: ['a', 'c'] },
    ],
    ['a folder in the place of a file', { a: '1' }, { a: 'folder' }, { changed: ['a'], removed: ['a'] }],
    ['a folder that is gone, without what was in it', { a: 'folder', 'a/b': '2' }, {}, { changed: [], removed: ['a'] }],
    ['the tree itself', { '.': 'folder 1', a: '1' }, { '.': 'folder 2', a: '1' }, { changed: ['.'], removed: [] }],
  ])('is %s', (_what, before, now, expected) => {
    const found = difference(surveyOf(before), surveyOf(now));
    expect(found).toEqual(expected);
    expect(isEmpty(found)).toBe(expected.changed.length + expected.removed.length === 0);
  });
});

it('clears the way for what a container has made where its image may have a folder', () => {
  const now = surveyOf({ a: '1', b: 'folder', 'b/c': '2', d: 'opaque', 'd/e': '3' });
  const found = difference(new Map(), now, { isOverlay: true });
  expect(found).toEqual({ changed: ['a', 'b', 'b/c', 'd', 'd/e'], removed: ['d', 'a', 'b/c'] });
  const later = surveyOf({ a: '4', b: 'folder', 'b/c': '2', d: 'opaque', 'd/e': '3' });
  expect(difference(now, later, { isOverlay: true })).toEqual({ changed: ['a'], removed: [] });
});

it('has a file of the same stamp when it may have been written all the same', () => {
  const tree = surveyOf({ a: 'folder', 'a/b': '2', 'a/c': '3' });
  const found = difference(tree, tree, { isWritten: (path) => path === 'a/b' });
  expect(found).toEqual({ changed: ['a', 'a/b'], removed: [] });
});

const isBelow = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);

/** What a target does with a difference: rm -r, then tar, which replaces an empty folder but not a full one. */
const apply = (copy: Map<string, Thing>, { changed, removed }: Difference, now: Overlay): void => {
  for (const gone of removed)
    for (const path of [...copy.keys()]) if (path === gone || isBelow(path, gone)) copy.delete(path);
  for (const path of changed) {
    const missing = foldersAbove(path).find((folder) => copy.get(folder)?.kind !== 'folder');
    if (missing !== undefined) throw new Error(`${path} came before its folder ${missing}`);
    const thing = now.at(path)!;
    if (thing.kind !== 'folder' && [...copy.keys()].some((other) => isBelow(other, path)))
      throw new Error(`${path} is a folder that is not empty`);
    copy.set(path, thing);
  }
};

/** A folder is a folder, whatever has happened to it. */
const plain = (things: ReadonlyMap<string, Thing>): readonly string[] =>
  [...things]
    .map(([path, { kind, version }]) => (kind === 'folder' ? `${path}/` : `${path} ${String(version)}`))
    .toSorted();

/** Paths of one to three short names, so that they often meet. */
const path = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));

const image = fc.array(path, { maxLength: 4 }).map((files) => {
  const folders = new Set(files.flatMap(foldersAbove));
  return new Map<string, Thing>([
    ...files.filter((file) => !folders.has(file)).map((file) => [file, { kind: 'file', version: 0 }] as const),
    ...[...folders].map((folder) => [folder, { kind: 'folder', version: 0 }] as const),
  ]);
});

type Change = (overlay: Overlay) => void;

const change = fc.oneof(
  path.map((to): Change => (overlay) => {
    overlay.write(to);
  }),
  path.map((to): Change => (overlay) => {
    overlay.makeFolder(to);
  }),
  path.map((from): Change => (overlay) => {
    overlay.remove(from);
  }),
  fc.tuple(path, path).map(([from, to]): Change => (overlay) => {
    overlay.rename(from, to);
  }),
);

it('makes a container of the same image show what this one shows, whatever was done in it between two looks', () => {
  fc.assert(
    fc.property(image, fc.array(fc.array(change, { maxLength: 8 }), { minLength: 1, maxLength: 4 }), (below, looks) => {
      const overlay = new Overlay(below);
      const copy = new Map(below);
      let sent: Survey = new Map();
      for (const changes of looks) {
        for (const each of changes) each(overlay);
        const now = overlay.survey();
        apply(copy, difference(sent, now, { isOverlay: true }), overlay);
        expect(plain(copy)).toEqual(plain(overlay.seen()));
        sent = now;
      }
    }),
    { numRuns: 1_000 },
  );
});
