import { describe, expect, it } from 'vitest';
import { ReasonedError } from '../../api/reasons.ts';
import type { DumpedSocket } from './image-sockets.ts';
import { ordersFor } from './orders.ts';
import { type ContainerSockets, pairsOf } from './pairs.ts';
import { dumped, external } from './socket-fixture.ts';

const image = (container: string, ...sockets: readonly DumpedSocket[]): ContainerSockets => ({ container, sockets });

type More = Parameters<typeof dumped>[2];

const twoContainers = (web: More = {}, app: More = {}): readonly ContainerSockets[] => [
  image('web', external(2), dumped(1, 2, web)),
  image('app', dumped(2, 1, app), external(1)),
];

const inodes = (images: readonly ContainerSockets[]) =>
  pairsOf(images).map((pair) => pair.map(({ container, socket }) => `${container} ${String(socket.ino)}`));

describe('the connections between containers', () => {
  it('are made of the two images that each has one end of', () => {
    expect(inodes(twoContainers())).toEqual([['web 1', 'app 2']]);
  });

  it('are not those that CRIU restores itself', () => {
    expect(inodes([image('web', dumped(1, 2), dumped(2, 1)), image('app', dumped(3, 0))])).toEqual([]);
  });

  const refusal = (images: readonly ContainerSockets[]) => {
    try {
      return pairsOf(images);
    } catch (error) {
      return error instanceof ReasonedError ? `${error.reason}: ${error.message}` : error;
    }
  };
  const toAnother = 'SocketShared: a unix socket of container web to another one';

  it.each<[string, readonly ContainerSockets[], string]>([
    [
      'one that has no other end',
      [image('web', external(2), dumped(1, 2)), image('app')],
      'RestoreFailed: a unix socket of container web is connected with one that is in no image of the pod',
    ],
    [
      'a socket that signals',
      twoContainers({ flags: 0o20_002 }),
      `${toAnother} is to be told by a signal (O_ASYNC, F_SETOWN)`,
    ],
    [
      'a socket with an owner',
      twoContainers({ owner: 7 }),
      `${toAnother} is to be told by a signal (O_ASYNC, F_SETOWN)`,
    ],
    [
      'a socket with a filter',
      twoContainers({ options: { hasFilter: true } }),
      `${toAnother} has a filter (SO_ATTACH_FILTER)`,
    ],
    [
      'descriptors on their way',
      twoContainers({}, { queue: [{ bytes: Buffer.from('x'), hasDescriptors: true }] }),
      'RestoreFailed: container app has been sent descriptors (SCM_RIGHTS) by another one, and has not received them yet',
    ],
  ])('are not made of %s', (_what, images, expected) => {
    expect(refusal(images)).toBe(expected);
  });
});

describe('what is to be made', () => {
  const buffers = (end: number): string => `buffers ${String(end)} 212992 212992`;

  it('is nothing but the pair for sockets as most are', () => {
    expect(ordersFor(pairsOf(twoContainers()))).toEqual(['pair 1', buffers(0), buffers(1), 'made']);
  });

  it('has what was not read first, as long as everything can be written', () => {
    const queue = ['one', 'two'].map((text) => ({ bytes: Buffer.from(text), hasDescriptors: false }));
    const orders = ordersFor(pairsOf(twoContainers({ type: 5, queue, flags: 0o4002 }, { shutdown: 2 })));
    expect(orders).toEqual([
      'pair 5',
      'queue 0 6f6e65',
      'queue 0 74776f',
      ...[buffers(0), 'nonblock 0'],
      ...[buffers(1), 'shut 1 1'],
      'made',
    ]);
  });

  it('has options that differ from those of a new socket', () => {
    const options = {
      receiveTimeout: [2, 500] as const,
      numbers: new Map([
        [12, 0],
        [16, 1],
        [72, 0],
      ]),
    };
    expect(ordersFor(pairsOf(twoContainers({ options })))).toEqual([
      'pair 1',
      ...[buffers(0), 'number 0 16 1', 'number 0 72 0', 'time 0 20 2 500'],
      ...[buffers(1), 'made'],
    ]);
  });
});
