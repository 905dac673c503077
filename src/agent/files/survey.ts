import type { BigIntStats } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesOf, namedBy } from './file-name.ts';

/** A tree at one moment: each path below its root with what changes when the file does. */
export type Survey = ReadonlyMap<string, Entry>;

export interface Entry {
  /**
   * Inode, change time, size and kind in one: equal stamps mean a file that nobody has written to, but for those who
   * have it mapped (written-through.ts).
   */
  readonly stamp: string;
  /** Overlay's mark for a file of the image that the container has deleted: a character device 0:0. */
  readonly whiteout: boolean;
  /** A folder that shows nothing of what the image has in its place: the container has made it, or made it anew. */
  readonly opaque: boolean;
}

/** Which file it is, among all of the host. */
export const inodeOf = ({ dev, ino }: Pick<BigIntStats, 'dev' | 'ino'>): string => `${dev}:${ino}`;

export const inodeIn = ({ stamp }: Entry): string => stamp.slice(0, stamp.indexOf(' '));

/** Undefined when it has gone since it was listed. What cannot be read for another reason must not be left out. */
const unlessGone = async <T>(reading: Promise<T>): Promise<T | undefined> => {
  try {
    return await reading;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
};

const look = (name: string): Promise<BigIntStats | undefined> => unlessGone(lstat(bytesOf(name), { bigint: true }));

/**
 * A folder of the upper layer is opaque unless overlay joins it with that of the
 * image; of such a one it counts no links (fs/overlayfs/inode.c, ovl_getattr:
 * "nlink=1 seems to pacify find"). The mark itself is an extended attribute,
 * which Node.js cannot read.
 */
const isOpaque = async (folder: string): Promise<boolean> => {
  const s = await look(folder);
  return s !== undefined && s.isDirectory() && s.nlink !== 1n;
};

/**
 * Walks a tree. Entries that vanish meanwhile are left out. Names are bytes (file-name.ts).
 * @param mounted where an overlay is mounted whose upper layer the tree is
 */
export const survey = async (root: string, mounted?: string): Promise<Survey> => {
  const [top, joined] = [namedBy(root), mounted && namedBy(mounted)];
  const found = new Map<string, Entry>();
  const walk = async (folder: string): Promise<void> => {
    const opening = opendir(bytesOf(join(top, folder)), { encoding: 'latin1' });
    // A tree that is not there is not an empty one: all of it would be deleted at the target.
    const entries = await (folder === '' ? opening : unlessGone(opening));
    for await (const { name } of entries ?? []) {
      const path = join(folder, name);
      const s = await look(join(top, path));
      if (!s) continue;
      const whiteout = s.isCharacterDevice() && s.rdev === 0n;
      const opaque = joined !== undefined && s.isDirectory() && (await isOpaque(join(joined, path)));
      found.set(path, { stamp: `${inodeOf(s)} ${s.ctimeNs} ${s.size} ${s.mode}`, whiteout, opaque });
      if (s.isDirectory()) await walk(path);
    }
  };
  await walk('');
  return found;
};
