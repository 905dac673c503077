import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

/** A tree at one moment: each path below its root with what changes when the file does. */
export type Survey = ReadonlyMap<string, Entry>;

export interface Entry {
  /** Inode, change time, size and kind in one: equal stamps mean an unchanged file. */
  readonly stamp: string;
  /** Overlay's mark for a file of the image that the container has deleted: a character device 0:0. */
  readonly whiteout: boolean;
}

/** Walks a tree. Entries that vanish meanwhile are left out. */
export const survey = async (root: string): Promise<Survey> => {
  const found = new Map<string, Entry>();
  const walk = async (folder: string): Promise<void> => {
    for await (const { name } of await opendir(join(root, folder))) {
      const path = join(folder, name);
      const s = await lstat(join(root, path), { bigint: true }).catch(() => undefined); // gone since it was listed
      if (!s) continue;
      const whiteout = s.isCharacterDevice() && s.rdev === 0n;
      found.set(path, { stamp: `${s.ino} ${s.ctimeNs} ${s.size} ${s.mode}`, whiteout });
      if (s.isDirectory()) await walk(path);
    }
  };
  await walk('');
  return found;
};
