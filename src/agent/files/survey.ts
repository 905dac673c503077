import type { BigIntStats } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

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

/**
 * A folder of the upper layer is opaque unless overlay joins it with that of the
 * image; of such a one it counts no links (fs/overlayfs/inode.c, ovl_getattr:
 * "nlink=1 seems to pacify find"). The mark itself is an extended attribute,
 * which Node.js cannot read.
 */
const isOpaque = async (folder: string): Promise<boolean> => {
  const s = await lstat(folder, { bigint: true }).catch(() => undefined); // gone since it was listed
  return s !== undefined && s.isDirectory() && s.nlink !== 1n;
};

/**
 * Walks a tree. Entries that vanish meanwhile are left out.
 * @param mounted where an overlay is mounted whose upper layer the tree is
 */
export const survey = async (root: string, mounted?: string): Promise<Survey> => {
  const found = new Map<string, Entry>();
  const walk = async (folder: string): Promise<void> => {
    for await (const { name } of await opendir(join(root, folder))) {
      const path = join(folder, name);
      const s = await lstat(join(root, path), { bigint: true }).catch(() => undefined); // gone since it was listed
      if (!s) continue;
      const whiteout = s.isCharacterDevice() && s.rdev === 0n;
      const opaque = mounted !== undefined && s.isDirectory() && (await isOpaque(join(mounted, path)));
      found.set(path, { stamp: `${inodeOf(s)} ${s.ctimeNs} ${s.size} ${s.mode}`, whiteout, opaque });
      if (s.isDirectory()) await walk(path);
    }
  };
  await walk('');
  return found;
};
