import { type Finding, ReasonedError } from '../../api/reasons.ts';
import { run } from '../host/command.ts';
import { onHost } from '../host/paths.ts';
import { isFUSE } from './mount-table.ts';
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

const probeLimitMs = 5_000;
const mostFiles = 500;

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

/**
 * Reads lines `KIND HANDLE` and prints the numbers of those on which somebody else than itself holds a lock. For locks of
 * flock(2) there is no question but to try for one, which is let go at once. Perl is in every Debian (essential: perl-base),
 * and Node.js knows no locks. The structure is that of 64-bit Linux (fcntl.h).
 */
const probe = `
use Fcntl qw(:DEFAULT :flock F_GETLK F_WRLCK F_UNLCK);
while (my $line = <STDIN>) {
  chomp $line;
  my ($kind, $handle) = split / /, $line, 2;
  sysopen(my $file, $handle, O_RDWR | O_NONBLOCK) or sysopen($file, $handle, O_RDONLY | O_NONBLOCK) or next;
  if ($kind eq 'POSIX') {
    my $lock = pack('s s x4 q q i x4', F_WRLCK, 0, 0, 0, 0);
    fcntl($file, F_GETLK, $lock) or next;
    print $. - 1, "\\n" if (unpack 's', $lock) != F_UNLCK;
  } else {
    print $. - 1, "\\n" if !flock($file, LOCK_EX | LOCK_NB) && $!{EWOULDBLOCK};
  }
}
`;

/** Asks the servers, in another process: they may not answer. */
const probed = async (files: readonly OpenFile[], signal: AbortSignal): Promise<readonly Probed[]> => {
  const questions = files.flatMap((file) => kindsToProbe(file).map((kind) => ({ file, kind }))).slice(0, mostFiles);
  if (questions.length === 0) return [];
  const input = questions.map(({ kind, file }) => `${kind} ${onHost(file.handle)}\n`).join('');
  const said = await run(['perl', '-e', probe], { signal, timeoutMs: probeLimitMs, input });
  return said
    .split('\n')
    .filter(Boolean)
    .flatMap((number) => questions[Number(number)] ?? []);
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
