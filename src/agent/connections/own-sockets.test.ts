import { expect, it } from 'vitest';
import { connectionWith } from './connection-fixture.ts';
import { namesIn, stillOpen } from './own-sockets.ts';

const said = `
ESTAB      0      0             10.244.1.5:40000          10.96.0.10:80
CLOSE-WAIT 1      0      [::ffff:10.244.1.5]:40001 [::ffff:10.96.0.10]:80
`;

it.each([
  ['that a process has open is brought on', 40_000, 1],
  ['of a socket of both versions of IP is, too', 40_001, 1],
  ['that nobody has any more is not', 40_002, 0],
])('a connection from an earlier move %s', (_what, port, count) => {
  expect(stillOpen([connectionWith({ port })], namesIn(said))).toHaveLength(count);
});
