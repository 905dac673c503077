import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { heldAmong } from './lock-probe.ts';

let folder: string;
let holder: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'locks-'));
  for (const name of ['free', 'flock', 'posix']) await writeFile(join(folder, name), '');
});
afterEach(async () => {
  holder?.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

/** Takes a lock with a program of its own, and says so. */
const holding = `
use Fcntl qw(:DEFAULT :flock F_SETLK F_WRLCK);
sysopen(my $file, $ARGV[1], O_RDWR) or die;
my $lock = pack('s s x4 q q i x4', F_WRLCK, 0, 0, 0, 0);
($ARGV[0] eq 'POSIX' ? fcntl($file, F_SETLK, $lock) : flock($file, LOCK_EX)) or die;
$| = 1; print 'held'; sleep 60;
`;
const hold = async (kind: string, name: string): Promise<void> => {
  holder = spawn('perl', ['-e', holding, kind, join(folder, name)], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(holder.stdout!, 'data');
};

const ask = (...questions: readonly (readonly ['POSIX' | 'FLOCK', string])[]): Promise<readonly number[]> =>
  heldAmong(
    questions.map(([kind, name]) => ({ kind, path: join(folder, name) })),
    new AbortController().signal,
  );

describe('a file is known to be locked', () => {
  it.each([
    ['by fcntl', 'POSIX', 'posix', [1]],
    ['by flock', 'FLOCK', 'flock', [2]],
  ] as const)('%s, and by nothing else', async (_by, kind, name, expected) => {
    await hold(kind, name);
    expect(await ask(['POSIX', 'free'], ['POSIX', name], ['FLOCK', name], ['FLOCK', 'free'])).toEqual(expected);
  });

  it('not when nobody holds it, it is not there, or nothing is asked', async () => {
    expect(await ask(['POSIX', 'free'], ['FLOCK', 'free'], ['POSIX', 'nowhere'])).toEqual([]);
    expect(await ask()).toEqual([]);
  });
});
