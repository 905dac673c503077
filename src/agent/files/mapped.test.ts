import { expect, it } from 'vitest';
import { filesIn } from './mapped.ts';

const maps = `00400000-0064d000 r-xp 00000000 00:2f 1234                       /usr/bin/redis-server
0064d000-0064e000 rw-p 0024d000 00:2f 1234                       /usr/bin/redis-server
7f00a0000000-7f00a0021000 rw-p 00000000 00:00 0
7f00b0000000-7f00b0001000 r--p 00000000 00:2f 99                 /lib/a library with spaces.so
7f00c0000000-7f00c0001000 rw-s 00000000 00:01 7                  /dev/shm/gone (deleted)
7ffd10000000-7ffd10021000 rw-p 00000000 00:00 0                  [stack]
`;

it('finds each program and library once, and nothing that has no file any more', () => {
  expect(filesIn(maps)).toEqual(['/usr/bin/redis-server', '/lib/a library with spaces.so']);
  expect(filesIn('')).toEqual([]);
});
