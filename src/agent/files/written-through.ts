import { readFile, stat } from 'node:fs/promises';
import { onHost } from '../host/paths.ts';
import { isRemote, mountsIn } from '../volumes/mount-table.ts';
import { type Entry, inodeIn, inodeOf } from './survey.ts';

/*
 * Files that processes write to through memory. The kernel notes the time of
 * such a write when a page of a file on disk becomes dirty, and not again as
 * long as it is (mm/memory.c, do_page_mkwrite); for a file in memory never
 * (mm/shmem.c has no page_mkwrite). So their times do not tell that they have
 * changed: SQLite's index of its write-ahead log is one, PostgreSQL's dynamic
 * shared memory another. CRIU leaves the content of all of them to us.
 */

interface Mapping {
  /** As the entry below /proc/PID/map_files is called. */
  readonly range: string;
  /** `MAJOR:MINOR`, decimal. */
  readonly device: string;
  /** As the process sees it. */
  readonly path: string;
}

const decimal = (device: string): string =>
  device
    .split(':')
    .map((number) => Number.parseInt(number, 16))
    .join(':');

/** The files in one /proc/PID/maps that the process shares and may write to. */
export const writableMappingsIn = (maps: string): readonly Mapping[] =>
  maps.split('\n').flatMap((line) => {
    const [, range, device, path] = /^(\S+) .w.s \S+ (\S+) \S+\s+(\/.*)$/.exec(line) ?? [];
    if (range === undefined || device === undefined || path === undefined || path.endsWith(' (deleted)')) return [];
    return [{ range, device: decimal(device), path }];
  });

/** Inodes and paths of such files. In an overlay the inode that a process maps need not be the one of the layer. */
export interface WrittenThrough {
  readonly inodes: ReadonlySet<string>;
  readonly paths: ReadonlySet<string>;
}

export const nothingWritten: WrittenThrough = { inodes: new Set(), paths: new Set() };

/** Nothing on these is copied, and to ask after a file there could wait for a server for ever. */
const remoteDevices = async (pid: number): Promise<ReadonlySet<string>> => {
  const table = await readFile(onHost(`/proc/${pid}/mountinfo`), 'utf8').catch(() => ''); // it has ended
  return new Set(mountsIn(table).flatMap(({ device, type }) => (isRemote(type) ? [device] : [])));
};

const filesOf = async (
  pid: number,
): Promise<readonly { readonly path: string; readonly inode: string | undefined }[]> => {
  const maps = await readFile(onHost(`/proc/${pid}/maps`), 'latin1').catch(() => ''); // it has ended
  const mappings = writableMappingsIn(maps);
  const remote = mappings.length > 0 ? await remoteDevices(pid) : new Set();
  return Promise.all(
    mappings.map(async ({ range, device, path }) => {
      if (remote.has(device)) return { inode: undefined, path };
      const file = await stat(onHost(`/proc/${pid}/map_files/${range}`), { bigint: true }).catch(() => undefined); // unmapped since
      return { inode: file && inodeOf(file), path };
    }),
  );
};

/** What these processes write through now, and what they did before. */
export const writtenThrough = async (pids: readonly number[], before: WrittenThrough): Promise<WrittenThrough> => {
  const found = (await Promise.all(pids.map(filesOf))).flat();
  return {
    inodes: before.inodes.union(new Set(found.flatMap(({ inode }) => inode ?? []))),
    paths: before.paths.union(new Set(found.map(({ path }) => path))),
  };
};

/** @param path below its tree, which is a container's root file system when it is mounted as an overlay */
export const isWrittenThrough = (
  { inodes, paths }: WrittenThrough,
  path: string,
  entry: Entry,
  isOverlay: boolean,
): boolean => (inodes.size > 0 && inodes.has(inodeIn(entry))) || (isOverlay && paths.size > 0 && paths.has(`/${path}`));
