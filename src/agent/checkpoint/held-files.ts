import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import type { Finding } from '../../api/reasons.ts';
import { onHost } from '../host/paths.ts';

/*
 * Files that a process goes on using by no name: by a descriptor, a mapping, or
 * as its folder. CRIU opens them at the target by the path that they had.
 */

export interface HeldFile {
  readonly path: string;
  /** Of a file that has been deleted: its size, and how many names it has besides. */
  readonly deleted?: { readonly bytes: number; readonly links: number };
}

export interface Holder {
  readonly pid: number;
  readonly command: string;
  readonly held: readonly HeldFile[];
}

const mark = ' (deleted)';
/** Kernel objects that only look like deleted files; CRIU has ways of its own for them. */
const unreal = /^\/(?:memfd:|SYSV|dev\/zero|\[aio\]|anon_hugepage)/;

const heldBy = async (path: string, link: string): Promise<readonly HeldFile[]> => {
  if (!path.startsWith('/')) return [];
  if (!path.endsWith(mark)) return [{ path }];
  if (unreal.test(path)) return [];
  const found = await stat(link).catch(() => undefined); // let go since
  if (!found?.isFile()) return [];
  return [{ path: path.slice(0, -mark.length), deleted: { bytes: found.size, links: found.nlink } }];
};

const ofLink = async (link: string): Promise<readonly HeldFile[]> => {
  const path = await readlink(link).catch(() => ''); // let go since it was listed
  return heldBy(path, link);
};

/** The files in one /proc/PID/maps, with the entry of /proc/PID/map_files of one of their mappings. */
export const mappingsIn = (maps: string): ReadonlyMap<string, string> =>
  new Map(
    maps.split('\n').flatMap((line) => {
      const [, range, path] = /^(\S+) \S+ \S+ \S+ \S+\s+(\/.*)$/.exec(line) ?? [];
      return range === undefined || path === undefined ? [] : [[path, range] as const];
    }),
  );

const gatherHolder = async (pid: number): Promise<Holder> => {
  const folder = onHost(`/proc/${pid}`);
  const [command, maps, names] = await Promise.all([
    readFile(`${folder}/comm`, 'utf8'),
    readFile(`${folder}/maps`, 'utf8'),
    readdir(`${folder}/fd`),
  ]);
  const held = await Promise.all([
    ofLink(`${folder}/cwd`),
    ...names.map((name) => ofLink(`${folder}/fd/${name}`)),
    ...[...mappingsIn(maps)].map(([path, range]) => heldBy(path, `${folder}/map_files/${range}`)),
  ]);
  return { pid, command: command.trim(), held: held.flat() };
};

/** Processes that end while they are looked at are left out. */
export const gatherHolders = async (pids: readonly number[]): Promise<readonly Holder[]> => {
  const found = await Promise.allSettled(pids.map(gatherHolder));
  return found.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
};

/** The kubelet's folder of one generation of such a volume (kubernetes, pkg/volume/util/atomic_writer.go, newTimestampDir). */
const generation = /\/\.\.\d{4}(?:_\d\d){5}\.\d+(?:\/|$)/;

/** As in node/criu.conf (ghost-limit). */
const mostDeletedBytes = 64 * 1024 * 1024;

const findingOf = (pod: string, { pid, command }: Holder, { path, deleted }: HeldFile): Finding | undefined => {
  const who = `Process ${pid} (${command}) of ${pod}`;
  if (generation.test(path))
    return {
      reason: 'VolumeFileOpen',
      message: `${who} has ${path} open, mapped or as its folder, which the target has under another name`,
    };
  if (!deleted) return undefined;
  if (deleted.links > 0)
    return {
      reason: 'DeletedFileOpen',
      message: `${who} holds ${path}, which has been deleted and still has another name`,
    };
  if (deleted.bytes > mostDeletedBytes)
    return {
      reason: 'DeletedFileOpen',
      message: `${who} holds ${path}, which has been deleted and has ${Math.ceil(deleted.bytes / 2 ** 20)} MiB`,
    };
  return undefined;
};

/** What stands in the way of a move, at most once for each process and file. */
export const heldFileFindings = (pod: string, holders: readonly Holder[]): readonly Finding[] => {
  const findings = holders.flatMap((holder) => holder.held.flatMap((file) => findingOf(pod, holder, file) ?? []));
  return [...new Map(findings.map((finding) => [finding.message, finding])).values()];
};
