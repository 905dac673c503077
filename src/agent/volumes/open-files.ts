import { readdir, readFile, readlink } from 'node:fs/promises';
import { writableMappingsIn } from '../files/written-through.ts';
import { onHost } from '../host/paths.ts';
import { type MountLine, mountsIn } from './mount-table.ts';
import type { SharedMount } from './shared-mounts.ts';

/** How a lock was taken: fcntl(2) or flock(2). */
export type LockKind = 'POSIX' | 'FLOCK';

/** A file of a shared volume that a process holds: open, or mapped to be written. */
export interface OpenFile {
  readonly pid: number;
  /** Where the kernel shows it: `/proc/PID/fd/N` or `/proc/PID/map_files/RANGE`. */
  readonly handle: string;
  /** As the process sees it. */
  readonly path: string;
  readonly volume: string;
  /** Of its file system, for example `fuse.glusterfs`. */
  readonly type: string;
  readonly isWritable: boolean;
  readonly isDeleted: boolean;
  /** Locks on it that the kernel of this node keeps for the process. */
  readonly locks: readonly LockKind[];
}

export interface Descriptor {
  readonly mountId: string;
  readonly isWritable: boolean;
  readonly isPathOnly: boolean;
  readonly locks: readonly LockKind[];
}

const accessMode = 0o3;
const pathOnly = 0o10000000; // O_PATH: names a file and cannot be read, written or locked

/** One `/proc/PID/fdinfo/N` (proc_pid_fdinfo(5)). */
export const descriptorIn = (fdinfo: string): Descriptor => {
  const field = (name: string): string => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(fdinfo)?.[1] ?? '';
  const flags = Number.parseInt(field('flags'), 8);
  const locks = [...fdinfo.matchAll(/^lock:\s*\S+ (POSIX|OFDLCK|FLOCK) /gm)];
  return {
    mountId: field('mnt_id'),
    isWritable: (flags & accessMode) !== 0,
    isPathOnly: (flags & pathOnly) !== 0,
    locks: locks.map(([, kind]) => (kind === 'FLOCK' ? 'FLOCK' : 'POSIX')),
  };
};

interface Shared extends MountLine {
  readonly volume: string;
}

/** The lines of a mount table that are mounts of shared volumes. */
const sharedAmong = (table: readonly MountLine[], mounts: readonly SharedMount[]): readonly Shared[] =>
  table.flatMap((line) => {
    const mount = mounts.find(({ destination }) => destination === line.point);
    return mount ? [{ ...line, volume: mount.volume }] : [];
  });

const deleted = ' (deleted)';

const fileOf = (
  pid: number,
  { volume, type }: Shared,
  { handle, link }: { readonly handle: string; readonly link: string },
  { isWritable, locks }: Pick<OpenFile, 'isWritable' | 'locks'>,
): OpenFile => {
  const isDeleted = link.endsWith(deleted);
  const path = isDeleted ? link.slice(0, -deleted.length) : link;
  return { pid, handle, path, volume, type, isWritable, isDeleted, locks };
};

const opened = async (pid: number, shared: readonly Shared[], fd: string): Promise<OpenFile | undefined> => {
  const descriptor = descriptorIn(await readFile(onHost(`/proc/${pid}/fdinfo/${fd}`), 'utf8'));
  const mount = shared.find(({ id }) => id === descriptor.mountId);
  if (!mount || descriptor.isPathOnly) return undefined;
  const handle = `/proc/${pid}/fd/${fd}`;
  return fileOf(pid, mount, { handle, link: await readlink(onHost(handle)) }, descriptor);
};

const gone = (): undefined => undefined;

const openedBy = async (pid: number, shared: readonly Shared[]): Promise<readonly OpenFile[]> => {
  const fds = await readdir(onHost(`/proc/${pid}/fd`)).catch(() => []); // it has ended
  const files = await Promise.all(fds.map((fd) => opened(pid, shared, fd).catch(gone))); // closed since it was listed
  return files.filter((file) => file !== undefined);
};

const mappedBy = async (pid: number, shared: readonly Shared[]): Promise<readonly OpenFile[]> => {
  const maps = await readFile(onHost(`/proc/${pid}/maps`), 'latin1').catch(() => ''); // it has ended
  return writableMappingsIn(maps).flatMap(({ range, device, path }) => {
    const mount = shared.find((each) => each.device === device);
    if (!mount) return [];
    const place = { handle: `/proc/${pid}/map_files/${range}`, link: path };
    return [fileOf(pid, mount, place, { isWritable: true, locks: [] })];
  });
};

const filesOf = async (pid: number, mounts: readonly SharedMount[]): Promise<readonly OpenFile[]> => {
  const table = await readFile(onHost(`/proc/${pid}/mountinfo`), 'utf8').catch(() => ''); // it has ended
  const shared = sharedAmong(mountsIn(table), mounts);
  if (shared.length === 0) return [];
  return (await Promise.all([openedBy(pid, shared), mappedBy(pid, shared)])).flat();
};

/**
 * What the processes of a container hold of its shared volumes. Everything is read from /proc, and nothing here asks a
 * file system that may not answer.
 */
export const openFilesOn = async (
  mounts: readonly SharedMount[],
  pids: readonly number[],
): Promise<readonly OpenFile[]> =>
  mounts.length === 0 ? [] : (await Promise.all(pids.map((pid) => filesOf(pid, mounts)))).flat();
