import type { OpenFile } from './open-files.ts';

/** For tests: a file that a process has open for writing, on a volume that a FUSE file system shows. */
export const openFile = (changes: Partial<OpenFile> = {}): OpenFile => ({
  pid: 7,
  handle: '/proc/7/fd/3',
  path: '/data/log',
  volume: 'pv-7',
  type: 'fuse.glusterfs',
  isWritable: true,
  isDeleted: false,
  locks: [],
  ...changes,
});
