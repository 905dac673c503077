import { dirname } from 'node:path';
import type { Entry, Survey } from './survey.ts';

export interface Difference {
  /** Paths to send, folders before what is in them. */
  readonly changed: readonly string[];
  /** Paths to delete at the target, before anything is put there; what is in a deleted folder is not named again. */
  readonly removed: readonly string[];
}

const ancestors = (path: string): string[] => {
  const parent = dirname(path);
  return parent === '.' ? [] : [...ancestors(parent), parent];
};

/** Folders that hide what the image has there, and did not when they were last sent. */
const newlyOpaque = (before: Survey, now: Survey): ReadonlySet<string> => {
  const found = new Set<string>();
  for (const [path, { opaque }] of now) if (opaque && before.get(path)?.opaque !== true) found.add(path);
  return found;
};

type IsWritten = (path: string, entry: Entry) => boolean;

const isAsSent = (path: string, entry: Entry, before: Survey, isWritten: IsWritten): boolean =>
  before.get(path)?.stamp === entry.stamp && !isWritten(path, entry);

/**
 * No folder of the target gives way to anything else by itself. The copy may have one there, or the image: what the
 * container has in its place it has made when that one was gone. And what is in a folder must not meet a link there,
 * should the folder itself be missed.
 */
const needsRoom = (path: string, { kind }: Entry, before: Survey, isImageSeen: () => boolean): boolean => {
  const known = before.get(path);
  if (known) return (known.kind === 'd') !== (kind === 'd');
  return kind !== 'd' && isImageSeen();
};

const withoutContents = (removed: ReadonlySet<string>): readonly string[] =>
  [...removed].filter((path) => !ancestors(path).some((folder) => removed.has(folder)));

interface Circumstances {
  /** Of a file whose stamp does not tell that it has changed: it is sent again. */
  readonly isWritten?: IsWritten;
  /** Whether the copy begins as an image, of which the trees tell nothing. */
  readonly isOverlay?: boolean;
}

/** Whether a folder above a path shows nothing of what the image has there. */
const hidesImage = (path: string, now: Survey): boolean => ancestors(path).some((folder) => now.get(folder)?.opaque);

/** What has changed: a look at each file whose stamp is another one, or that was in a folder that is emptied. */
const changedIn = (
  before: Survey,
  now: Survey,
  emptied: ReadonlySet<string>,
  isWritten: IsWritten,
): readonly (readonly [string, Entry])[] => {
  const found: (readonly [string, Entry])[] = [];
  const isEmptied = (path: string): boolean => [...ancestors(path), path].some((part) => emptied.has(part));
  for (const [path, entry] of now) {
    const isSame = isAsSent(path, entry, before, isWritten);
    if (!isSame || (emptied.size > 0 && isEmptied(path))) found.push([path, entry]);
  }
  return found;
};

/** Whoever has deleted a mark has not deleted a file. */
const goneFrom = (before: Survey, now: Survey): readonly string[] => {
  const gone: string[] = [];
  for (const [path, { whiteout }] of before) if (!whiteout && !now.has(path)) gone.push(path);
  return gone;
};

/**
 * What has to be sent so that a copy made at `before` becomes the tree of `now`.
 * The folders above a changed file go along: they must exist, as folders, before
 * it can be put into them. The copy's inode order keeps parents first. A folder
 * that has become opaque is deleted, and all that is in it is sent.
 */
export const difference = (
  before: Survey,
  now: Survey,
  { isWritten = () => false, isOverlay = false }: Circumstances = {},
): Difference => {
  const emptied = newlyOpaque(before, now);
  const changes = changedIn(before, now, emptied, isWritten);
  const changed = new Set<string>();
  const removed = new Set(emptied);
  for (const [path, entry] of changes) {
    const isImageSeen = (): boolean => isOverlay && !hidesImage(path, now);
    if (!entry.whiteout) for (const part of [...ancestors(path), path]) changed.add(part);
    if (entry.whiteout || needsRoom(path, entry, before, isImageSeen)) removed.add(path);
  }
  for (const path of goneFrom(before, now)) removed.add(path);
  return { changed: [...changed], removed: withoutContents(removed) };
};

export const isEmpty = ({ changed, removed }: Difference): boolean => changed.length === 0 && removed.length === 0;
