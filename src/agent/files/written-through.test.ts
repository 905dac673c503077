import { describe, expect, it } from 'vitest';
import type { Entry } from './survey.ts';
import { isWrittenThrough, nothingWritten, writableMappingsIn, writtenThrough } from './written-through.ts';

const maps = `00400000-0064d000 r-xp 00000000 00:2f 1234                       /usr/bin/node
0064d000-0064e000 rw-p 0024d000 00:2f 1234                       /usr/bin/node
7f00a0000000-7f00a0008000 rw-s 00000000 00:31 77                 /data/notes of mine.db-shm
7f00b0000000-7f00b0001000 r--s 00000000 00:2f 99                 /usr/lib/locale/locale-archive
7f00c0000000-7f00c0001000 rw-s 00000000 00:01 7                  /dev/zero (deleted)
7f00d0000000-7f00d0021000 rw-p 00000000 00:00 0
7f00e0000000-7f00e0001000 -w-s 00000000 fd:32 5                  /dev/shm/board
`;

it('finds what is mapped from a file, shared, and may be written', () => {
  expect(writableMappingsIn(maps)).toEqual([
    { range: '7f00a0000000-7f00a0008000', device: '0:49', path: '/data/notes of mine.db-shm' },
    { range: '7f00e0000000-7f00e0001000', device: '253:50', path: '/dev/shm/board' },
  ]);
  expect(writableMappingsIn('')).toEqual([]);
});

it('keeps what was written through before, also of processes that have ended', async () => {
  const before = { inodes: new Set(['1:2']), paths: new Set(['/data/x']) };
  expect(await writtenThrough([], before)).toEqual(before);
  expect(await writtenThrough([2 ** 30], nothingWritten)).toEqual(nothingWritten);
});

describe('a file is written through', () => {
  const written = { inodes: new Set(['49:77']), paths: new Set(['/data/notes.db-shm']) };
  const entry = (stamp: string): Entry => ({ stamp, kind: 'f', whiteout: false, opaque: false });
  it.each([
    { when: 'when its inode is, whatever it is called', path: 'notes.db-shm', inode: '49:77', expected: true },
    { when: 'not when only its inode begins so', path: 'notes.db-shm', inode: '49:778', expected: false },
    { when: 'in a volume not by its path', path: 'data/notes.db-shm', inode: '50:1', expected: false },
  ])('$when', ({ path, inode, expected }) => {
    expect(isWrittenThrough(written, path, entry(`${inode} 5 6 7`), false)).toBe(expected);
  });

  it('in an overlay when its path is', () => {
    expect(isWrittenThrough(written, 'data/notes.db-shm', entry('50:1 5 6 7'), true)).toBe(true);
    expect(isWrittenThrough(written, 'data/notes.db', entry('50:1 5 6 7'), true)).toBe(false);
  });
});
