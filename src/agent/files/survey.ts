import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { onHost } from '../host/paths.ts';

/** A tree at one moment: each path below its root with what changes when the file does. */
export type Survey = ReadonlyMap<string, Entry>;

export interface Entry {
  /** Inode, change time, size and kind in one: equal stamps mean an unchanged file. */
  readonly stamp: string;
  /** Overlay's mark for a file of the image that the container has deleted: a character device 0:0. */
  readonly whiteout: boolean;
}

/** Walks a tree of the host. Entries that vanish meanwhile are left out. */
export const survey = async (root: string): Promise<Survey> => {
  const found = new Map<string, Entry>();
  const walk = async (folder: string): Promise<void> => {
    for await (const { name } of await opendir(onHost(join(root, folder)))) {
      const path = join(folder, name);
      const s = await lstat(onHost(join(root, path)), { bigint: true }).catch(() => undefined); // gone since it was listed
      if (!s) continue;
      const whiteout = s.isCharacterDevice() && s.rdev === 0n;
      found.set(path, { stamp: `${s.ino} ${s.ctimeNs} ${s.size} ${s.mode}`, whiteout });
      if (s.isDirectory()) await walk(path);
    }
  };
  await walk('');
  return found;
};
