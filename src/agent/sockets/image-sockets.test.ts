import { describe, expect, it } from 'vitest';
import { socketsInImage } from './image-sockets.ts';

/*
 * What CRIU 4.2.1 has written of two Perl programs in containers of one pod: the end of each files.img, and the
 * sk-queues.img of the one that listens and was stopped with 57 bytes unread.
 */
const head = '1943565438313056';
const client = Buffer.from(
  head +
    '220000000801100c1a1c080c100018002a0a0800100018002000280032012f38de0c50ed8301440000000805100d82013d08' +
    '0d10d9f50e1802200a28003001380040004a0a08001000180020002800520c0800100018002000280030005a0f2f73686172' +
    '65642f732e736f636b005c0000000805100a820155080a10cbf80e180120012802300038807240d9f50e4a0a080010001800' +
    '20002800522d0880800d1080800d18002000280030003800400048015800600068007000880100900100980100b80100c801' +
    '005a00800102',
  'hex',
);
const server = Buffer.from(
  head +
    '760000000805100a82016f080a10d8f50e1801200a28023000380540004a0a08001000180020002800522d0880800d108080' +
    '0d18002000280030003800400048015800600068007000880100900100980100b80100c801005a0f2f7368617265642f732e' +
    '736f636b006a0808ed8303100018008001028801d40c220000000801100c1a1c080c100018002a0a08001000180020002800' +
    '32012f389a0a50ed8301220000000801100d1a1c080d100018002a0a0800100018002000280032012f389a0a50ed83013500' +
    '00000805100e82012e080e10cbf80e1802200a28003001380040004a0a08001000180020002800520c080010001800200028' +
    '0030005a00780000000805100b820171080b10d9f50e1801200128023000380040cbf80e4a0a08001000180020002800522d' +
    '0880800d1080800d18002000280030003800400048015800600068007000880100900100980100b80100c801005a0f2f7368' +
    '617265642f732e736f636b006a0808ed8303100018008001028801d40c',
  'hex',
);
const queues = Buffer.from(
  '194356542640265604000000080b103936370a36380a36390a37300a37310a37320a37330a37340a37350a37360a37370a37' +
    '380a37390a38300a38310a38320a38330a38340a38350a',
  'hex',
);

const unread = Array.from({ length: 19 }, (_, i) => `${String(67 + i)}\n`).join('');

describe('the sockets in an image', () => {
  it('are those of the container, and what its ends are connected with', () => {
    expect(socketsInImage(client, undefined)).toMatchObject([
      { ino: 244_441, isExternal: true, peer: 0 },
      { ino: 244_811, isExternal: false, peer: 244_441, type: 1, flags: 2, owner: 0, shutdown: 0, queue: [] },
    ]);
  });

  it('have the options that they had', () => {
    const [, { options } = { options: undefined }] = socketsInImage(client, undefined);
    expect(options).toEqual({
      ...{ sendBuffer: 212_992, receiveBuffer: 212_992, hasFilter: false },
      ...{ sendTimeout: [0, 0], receiveTimeout: [0, 0] },
      numbers: new Map([
        [12, 0],
        [18, 1],
        [16, 0],
        [34, 0],
        [72, 0],
      ]),
    });
  });

  it('have what they have not read', () => {
    const packets = socketsInImage(server, queues).map(({ ino, queue }) => [
      ino,
      queue.map(({ bytes, hasDescriptors }) => [bytes.toString(), hasDescriptors]),
    ]);
    expect(packets).toEqual([
      [244_440, []],
      [244_811, []],
      [244_441, [[unread, false]]],
    ]);
  });

  it.each([
    ['within a record', client.subarray(0, -1)],
    ['within the length of a record', Buffer.from(`${head}0500`, 'hex')],
  ])('are not read from a file that is cut off %s', (_where, bytes) => {
    expect(() => socketsInImage(bytes, undefined)).toThrow('An image has a record that is cut off');
  });
});
