import { type Finding, ReasonedError } from '../../api/reasons.ts';
import { onHost } from '../host/paths.ts';
import { isFUSE } from './mount-table.ts';
import { heldAmong } from './lock-probe.ts';
import type { LockKind, OpenFile } from './open-files.ts';

/*
 * Locks on files of shared volumes. The kernel keeps some for this node alone; those CRIU takes again at the target. The
 * others are kept by the server of the volume, for the node that asked: until the source is gone nobody else gets them,
 * and when it is gone anybody may. So they cannot go along, and without them the program would be wrong about what it has.
 *
 * The client of a FUSE file system either takes part in locks or not. If it does, the kernel keeps none (fs/fuse/file.c,
 * fuse_file_lock and fuse_file_flock), and only a question to the server tells. Network file systems of the kernel keep
 * what the server has given to them as well (fs/nfs/file.c, do_setlk).
 */

const mostQuestions = 1_000;

/** Which kinds of locks on a file only its server can tell of. */
export const kindsToProbe = (file: OpenFile): readonly LockKind[] =>
  isFUSE(file.type) && !file.isDeleted && file.handle.includes('/fd/')
    ? (['POSIX', 'FLOCK'] as const).filter((kind) => !file.locks.includes(kind))
    : [];

/** A file of which the server has said that somebody holds a lock on it. */
export interface Probed {
  readonly file: OpenFile;
  readonly kind: LockKind;
}

/** Asks the servers, in another process: they may not answer. */
const probed = async (files: readonly OpenFile[], signal: AbortSignal): Promise<readonly Probed[]> => {
  const questions = files.flatMap((file) => kindsToProbe(file).map((kind) => ({ file, kind }))).slice(0, mostQuestions);
  const numbers = await heldAmong(
    questions.map(({ file, kind }) => ({ kind, path: onHost(file.handle) })),
    signal,
  );
  return numbers.flatMap((number) => questions[number] ?? []);
};

const held = ({ pid, path, volume }: OpenFile, who: string): Finding => ({
  reason: 'VolumeLockHeld',
  message: `${who} a lock on ${path}, which process ${pid} has open on volume ${volume}`,
});

/** Each file once, however many descriptors it has. */
const once = (findings: readonly Finding[]): readonly Finding[] => [
  ...new Map(findings.map((each) => [each.message, each])).values(),
];

/** The locks that cannot go along. */
export const lockFindings = (files: readonly OpenFile[], found: readonly Probed[]): readonly Finding[] =>
  once([
    ...files.filter((file) => !isFUSE(file.type) && file.locks.length > 0).map((file) => held(file, 'the pod holds')),
    ...found.map(({ file }) => held(file, 'the server keeps')),
  ]);

/** What stands in the way because somebody holds a lock. Rejects with VolumeNotFlushed when a server does not answer. */
export const findLocks = async (files: readonly OpenFile[], signal: AbortSignal): Promise<readonly Finding[]> => {
  try {
    return lockFindings(files, await probed(files, signal));
  } catch (error) {
    signal.throwIfAborted();
    const volumes = [...new Set(files.map(({ volume }) => volume))].join(', ');
    const why = (error as Error).message;
    throw new ReasonedError('VolumeNotFlushed', `volume ${volumes} could not be asked for its locks: ${why}`);
  }
};
