import { dirname } from 'node:path';
import type { Survey } from './survey.ts';

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

/**
 * What has to be sent so that a copy made at `before` becomes the tree of `now`.
 * The folders above a changed file go along: they must exist, as folders, before
 * it can be put into them. The copy's inode order keeps parents first.
 */
export const difference = (before: Survey, now: Survey): Difference => {
  const changed = new Set<string>();
  const removed: string[] = [];
  for (const [path, entry] of now) {
    if (before.get(path)?.stamp === entry.stamp) continue;
    if (entry.whiteout) removed.push(path);
    else for (const part of [...ancestors(path), path]) changed.add(part);
  }
  for (const [path, entry] of before) if (!now.has(path) && !entry.whiteout) removed.push(path);
  return { changed: [...changed], removed };
};

export const isEmpty = ({ changed, removed }: Difference): boolean => changed.length === 0 && removed.length === 0;
