import { dirname } from 'node:path';
import type { Entry, Survey } from './survey.ts';

export interface Difference {
  /** Paths to send, folders before what is in them. */
  readonly changed: readonly string[];
  /** Paths to delete at the target. */
  readonly removed: readonly string[];
}

const ancestors = (path: string): string[] => {
  const parent = dirname(path);
  return parent === '.' ? [] : [...ancestors(parent), parent];
};

/** Folders that hide what the image has there, and did not when they were last sent. */
const newlyOpaque = (before: Survey, now: Survey): ReadonlySet<string> =>
  new Set([...now].filter(([path, { opaque }]) => opaque && before.get(path)?.opaque !== true).map(([path]) => path));

type IsWritten = (path: string, entry: Entry) => boolean;

const isAsSent = (path: string, entry: Entry, before: Survey, isWritten: IsWritten): boolean =>
  before.get(path)?.stamp === entry.stamp && !isWritten(path, entry);

/**
 * What has to be sent so that a copy made at `before` becomes the tree of `now`.
 * The folders above a changed file go along: they must exist, as folders, before
 * it can be put into them. The copy's inode order keeps parents first. A folder
 * that has become opaque is deleted, and all that is in it is sent.
 *
 * @param isWritten of a file whose stamp does not tell that it has changed: it is sent again
 */
export const difference = (before: Survey, now: Survey, isWritten: IsWritten = () => false): Difference => {
  const emptied = newlyOpaque(before, now);
  const changed = new Set<string>();
  const removed = [...emptied];
  for (const [path, entry] of now) {
    const parts = [...ancestors(path), path];
    if (isAsSent(path, entry, before, isWritten) && !parts.some((part) => emptied.has(part))) continue;
    if (entry.whiteout) removed.push(path);
    else for (const part of parts) changed.add(part);
  }
  for (const [path, entry] of before) if (!now.has(path) && !entry.whiteout) removed.push(path);
  return { changed: [...changed], removed };
};

export const isEmpty = ({ changed, removed }: Difference): boolean => changed.length === 0 && removed.length === 0;
