import { basename } from 'node:path';

/*
 * To read a tmpfs that has others mounted in it, CRIU makes a folder in the
 * container's /tmp, or in its root where there is no /tmp, mounts it there and
 * takes both away (criu/mount.c, open_mountpoint: mkdtemp "cr-tmpfs.XXXXXX").
 * It is the only one who changes files while a pod is frozen.
 */

const name = /^cr-tmpfs\.[A-Za-z0-9]{6}$/;

/** What find says of one that was there when it read the folder above, and had gone by its turn. */
const gone = /^find: '(.*)': No such file or directory$/;

/** Whether all that find complains of, of a frozen tree, is folders of CRIU. */
export const nothingButCriuFolders = (said: string): boolean =>
  said
    .split('\n')
    .filter((line) => line !== '')
    .every((line) => name.test(basename(gone.exec(line)?.[1] ?? '')));

/** A frozen tree without the folders that CRIU has made in it since it was looked at before. */
export const withoutCriuFolders = <E extends { readonly kind: string }>(
  now: ReadonlyMap<string, E>,
  before: ReadonlyMap<string, E>,
): ReadonlyMap<string, E> => {
  const made = [...now].filter(([path, { kind }]) => kind === 'd' && !before.has(path) && name.test(basename(path)));
  if (made.length === 0) return now;
  const left = new Map(now);
  for (const [path] of made) left.delete(path);
  return left;
};
