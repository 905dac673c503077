import { run } from '../host/command.ts';
import type { LockKind } from './open-files.ts';

const limitMs = 5_000;

export interface Question {
  readonly kind: LockKind;
  readonly path: string;
}

/**
 * Reads lines `KIND PATH` and prints the numbers of those on which somebody else than itself holds a lock. For locks of
 * flock(2) there is no question but to try for one, which is let go at once. Perl is in every Debian (essential: perl-base),
 * and Node.js knows no locks. The structure is that of 64-bit Linux (fcntl.h).
 */
const program = `
use Fcntl qw(:DEFAULT :flock F_GETLK F_WRLCK F_UNLCK);
while (my $line = <STDIN>) {
  chomp $line;
  my ($kind, $path) = split / /, $line, 2;
  sysopen(my $file, $path, O_RDWR | O_NONBLOCK) or sysopen($file, $path, O_RDONLY | O_NONBLOCK) or next;
  if ($kind eq 'POSIX') {
    my $lock = pack('s s x4 q q i x4', F_WRLCK, 0, 0, 0, 0);
    fcntl($file, F_GETLK, $lock) or next;
    print $. - 1, "\\n" if (unpack 's', $lock) != F_UNLCK;
  } else {
    print $. - 1, "\\n" if !flock($file, LOCK_EX | LOCK_NB) && $!{EWOULDBLOCK};
  }
}
`;

/**
 * Which of these files somebody holds a lock of that kind on, by the number of the question. What cannot be opened counts
 * as free. Rejects when there is no answer in time.
 */
export const heldAmong = async (questions: readonly Question[], signal: AbortSignal): Promise<readonly number[]> => {
  if (questions.length === 0) return [];
  const input = questions.map(({ kind, path }) => `${kind} ${path}\n`).join('');
  const said = await run(['perl', '-e', program], { signal, timeoutMs: limitMs, input });
  return said.split('\n').filter(Boolean).map(Number);
};
