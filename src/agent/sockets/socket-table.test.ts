import { expect, it } from 'vitest';
import { socketsIn } from './socket-table.ts';

/** As ss 6.15 says it, with -xanH. */
const said = `u_seq ESTAB  0      0                             * 227151 * 227152
u_dgr UNCONN 0      0        /run/systemd/notify 11 * 0
u_str LISTEN 1      5          /tmp/with space 227147 * 0     
u_str LISTEN 0      1                      @abc def 227157 * 0     
u_str ESTAB  57     0              /run/app.sock 2809933 * 2809934
`;

it('knows kind, state, peer and inode of each socket, whatever its name is', () => {
  const plain = { isListening: false, queue: 0 };
  expect(socketsIn(said)).toEqual([
    { ...plain, type: 'seqpacket', ino: 227151, peer: 227152 },
    { ...plain, type: 'datagram', ino: 11, peer: 0 },
    { type: 'stream', isListening: true, queue: 1, ino: 227147, peer: 0 },
    { type: 'stream', isListening: true, queue: 0, ino: 227157, peer: 0 },
    { ...plain, type: 'stream', queue: 57, ino: 2809933, peer: 2809934 },
  ]);
  expect(socketsIn('')).toEqual([]);
});
