import { constants } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onHost } from '../host/paths.ts';

const mostFiles = 512;
const mostBytes = 256 * 1024 * 1024;
const chunkBytes = 1024 * 1024;

/** The files in one /proc/PID/maps: programs and libraries, as the process sees their paths. */
export const filesIn = (maps: string): readonly string[] => {
  const paths = maps.split('\n').map((line) => /^\S+ \S+ \S+ \S+ \S+\s+(\/.*)$/.exec(line)?.[1] ?? '');
  return [...new Set(paths)].filter((path) => path !== '' && !path.endsWith(' (deleted)'));
};

/** The files that these processes have mapped. */
export const mappedFiles = async (pids: readonly number[]): Promise<readonly string[]> => {
  const maps = await Promise.all(pids.map((pid) => readFile(onHost(`/proc/${pid}/maps`), 'utf8').catch(() => ''))); // it has ended
  return filesIn(maps.join('\n')).slice(0, mostFiles);
};

/** Reads one file, if it is one, and says how many bytes there were. */
const readThrough = async (path: string, atMost: number): Promise<number> => {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!(await handle.stat()).isFile()) return 0;
    const buffer = Buffer.allocUnsafe(chunkBytes);
    let total = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, chunkBytes, total);
      total += bytesRead;
      if (bytesRead === 0 || total >= atMost) return total;
    }
  } finally {
    await handle.close();
  }
};

/**
 * Brings files of a root file system into memory before a restore maps them: on
 * a node where the image has never run, the freeze would wait for the disk.
 * A path that cannot be read is left to CRIU, which will say so.
 */
export const readAhead = async (rootfs: string, paths: readonly string[]): Promise<void> => {
  let left = mostBytes;
  for (const path of paths) {
    if (left <= 0) return;
    left -= await readThrough(onHost(join(rootfs, join('/', path))), left).catch(() => 0);
  }
};
