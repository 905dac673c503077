import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeFolder, nodeNamed } from '../../lab/cluster.ts';
import { nodePid } from '../../lab/node-exec.ts';

/*
 * What has become different on a node's file system since the node was made. It
 * is an overlay over a tree that never changes: whatever is written, replaced,
 * removed or made anew lies in its upper layer, or in a folder that does.
 */

/** Data of daemons and mounts of their own; none of it is configuration. */
const left = new Set(['var', 'tmp', 'run', 'proc', 'sys', 'dev', 'lab', 'oldroot']);

interface Roots {
  /** The tree as it was made. */
  readonly made: string;
  readonly upper: string;
  /** What the node sees. */
  readonly seen: string;
}

const rootsOf = async (node: string): Promise<Roots> => {
  const pid = nodePid(nodeNamed(node));
  if (pid === undefined) throw new Error(`node ${node} is not up`);
  const mounts = await readFile(`/proc/${String(pid)}/mountinfo`, 'utf8');
  const made = /^\S+ \S+ \S+ \/ \/ .*\blowerdir=([^,]+),upperdir=/m.exec(mounts)?.[1];
  if (made === undefined) throw new Error(`the root of node ${node} is no overlay`);
  return { made, upper: join(nodeFolder(node), 'up'), seen: `/proc/${String(pid)}/root` };
};

const unlessAbsent = (error: unknown): undefined => {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  throw error;
};

const namesIn = async (folder: string): Promise<readonly string[]> => (await readdir(folder).catch(unlessAbsent)) ?? [];

/** Kind, mode, owner and content of one entry; undefined where there is none. */
const describe = async (path: string): Promise<string | undefined> => {
  const stat = await lstat(path).catch(unlessAbsent);
  if (!stat) return undefined;
  const about = `${stat.mode.toString(8)} ${String(stat.uid)}:${String(stat.gid)}`;
  if (stat.isSymbolicLink()) return `${about} to ${await readlink(path)}`;
  if (!stat.isFile()) return about;
  const digest = createHash('sha256').update(await readFile(path));
  return `${about} sha256:${digest.digest('hex')}`;
};

async function* changesIn(roots: Roots, folder: string): AsyncGenerator<readonly [string, string]> {
  const { made, upper, seen } = roots;
  const written = new Set(await namesIn(join(upper, folder)));
  const visible = new Set(await namesIn(join(seen, folder)));
  for (const name of new Set([...(await namesIn(join(made, folder))), ...written])) {
    const path = join(folder, name);
    if (left.has(path)) continue;
    // Not in the upper layer, it is as it was made, or hidden by a folder that was made anew.
    if (!written.has(name) && visible.has(name)) continue;
    const is = await describe(join(seen, path));
    if (is !== (await describe(join(made, path)))) yield [`/${path}`, is ?? 'removed'];
    const inUpper = await lstat(join(upper, path)).catch(unlessAbsent);
    if (inUpper?.isDirectory()) yield* changesIn(roots, path);
  }
}

/** Path → what it is now, of every entry that is not as it was made. */
export const changedFiles = async (node: string): Promise<Readonly<Record<string, string>>> => {
  const changes: [string, string][] = [];
  for await (const [path, now] of changesIn(await rootsOf(node), '')) changes.push([path, now]);
  return Object.fromEntries(changes.toSorted(([a], [b]) => (a < b ? -1 : 1)));
};
