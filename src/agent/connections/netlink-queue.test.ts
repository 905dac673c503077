import { expect, it } from 'vitest';
import { listeningQueue } from './netlink-queue.ts';

const table = `sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode
0000000000000000 12  812        00000000 0        0        0     2        0        4711
0000000000000000 12  4294962996 00000001 0        0        0     2        0        4712
0000000000000000 12  813        00000001 2304     0        0     2        0        4713
0000000000000000 12  814        00000001 0        0        0     2        7        4714
0000000000000000 0   0          00000001 0        0        0     2        0        1
`;
const queueOf = (...inodes: readonly string[]) => listeningQueue(table, new Set(inodes));

it.each([
  ['with nothing in it is empty', ['4711', '4712'], { isEmpty: true, hasLost: false }],
  ['in which something waits is not', ['4713'], { isEmpty: false, hasLost: false }],
  ['that was too small has lost something', ['4714'], { isEmpty: true, hasLost: true }],
  ['is none when the socket is in no group', ['4711'], undefined],
  ['is none when it is of another process', ['9'], undefined],
])('a queue of events %s', (_what, inodes, queue) => {
  expect(queueOf(...inodes)).toEqual(queue);
});
