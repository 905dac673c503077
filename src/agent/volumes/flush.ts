import { ReasonedError } from '../../api/reasons.ts';
import { run } from '../host/command.ts';
import { onHost } from '../host/paths.ts';
import { isFUSE } from './mount-table.ts';
import type { OpenFile } from './open-files.ts';
import type { SharedMount } from './shared-mounts.ts';

/** A server that answers at all takes milliseconds; the pod stands still meanwhile. */
const flushLimitMs = 5_000;
/** So many arguments are far from what a command line may hold. */
const mostArguments = 1_000;

/**
 * The files that syncfs(2) is not enough for. The kernel then has handed everything to the daemon of a FUSE file system,
 * which may keep it (GlusterFS: write-behind) until it is told of an fsync(2) of the file; of a syncfs it is not told
 * (fs/fuse/inode.c, fuse_sync_fs). The content of a deleted file goes along in the image.
 */
export const filesToSync = (files: readonly OpenFile[]): readonly string[] => [
  ...new Map(
    files
      .filter((file) => isFUSE(file.type) && file.isWritable && !file.isDeleted)
      .map(({ volume, path, handle }) => [`${volume} ${path}`, handle]),
  ).values(),
];

const inPortions = <T>(all: readonly T[]): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / mostArguments) }, (_, i) =>
    all.slice(i * mostArguments, (i + 1) * mostArguments),
  );

const notFlushed = (mounts: readonly SharedMount[], why: string): ReasonedError => {
  const volumes = [...new Set(mounts.map(({ volume }) => volume))].join(', ');
  return new ReasonedError(
    'VolumeNotFlushed',
    `what the pod wrote to ${volumes} did not get to where other nodes see it: ${why}`,
  );
};

/**
 * Brings everything that was written to these mounts to their servers, for the other node to see.
 *
 * A file system whose server does not answer keeps whoever asks it in the kernel, where no signal ends it. So another
 * process asks, and nobody waits for its end: rejects with VolumeNotFlushed when it takes too long.
 */
export const flush = async (
  mounts: readonly SharedMount[],
  files: readonly OpenFile[],
  signal: AbortSignal,
): Promise<void> => {
  const folders = [...new Map(mounts.map(({ volume, source }) => [volume, onHost(source)])).values()];
  if (folders.length === 0) return;
  const limit = AbortSignal.timeout(flushLimitMs);
  const until = AbortSignal.any([signal, limit]);
  const commands = [
    ['sync', '--file-system', ...folders],
    ...inPortions(filesToSync(files).map(onHost)).map((handles) => ['sync', ...handles]),
  ];
  try {
    await Promise.all(commands.map((command) => run(command, { signal: until })));
  } catch (error) {
    signal.throwIfAborted();
    throw notFlushed(
      mounts,
      limit.aborted ? `its server did not answer within ${flushLimitMs / 1000} s` : (error as Error).message,
    );
  }
};
