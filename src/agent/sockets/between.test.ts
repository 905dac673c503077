import { describe, expect, it } from 'vitest';
import { between, type Between, obstaclesIn, type SocketOwner } from './between.ts';
import type { ListedSocket } from './socket-table.ts';

const socket = (ino: number, peer = 0, more: Partial<ListedSocket> = {}): ListedSocket => ({
  ...{ type: 'stream', isListening: false, queue: 0, ino, peer },
  ...more,
});

const connected = (one: number, other: number, more?: Partial<ListedSocket>): readonly ListedSocket[] => [
  socket(one, other, more),
  socket(other, one, more),
];

const listening = (ino: number, queue: number): ListedSocket => socket(ino, 0, { isListening: true, queue });

const owner = (name: string, ...sockets: readonly number[]): SocketOwner => ({ name, sockets });

const endsOf = ({ ends }: Between): object => Object.fromEntries(ends);

describe('the ends of connections between containers', () => {
  it.each<[string, readonly ListedSocket[], readonly SocketOwner[], object]>([
    ['are both of each', connected(1, 2), [owner('web', 1), owner('app', 2)], { web: [1], app: [2] }],
    [
      'are those of all connections, and of all containers',
      [...connected(1, 2), ...connected(3, 4), ...connected(5, 6)],
      [owner('web', 1, 4), owner('app', 2, 3, 5), owner('log', 6)],
      { web: [1, 4], app: [2, 3, 5], log: [6] },
    ],
    [
      'are those of seqpacket sockets, too',
      connected(1, 2, { type: 'seqpacket' }),
      [owner('a', 1), owner('b', 2)],
      { a: [1], b: [2] },
    ],
    ['are none of a connection that stays inside', connected(1, 2), [owner('web', 1, 2), owner('app', 3)], {}],
    ['are none of a connection to the outside', connected(1, 2), [owner('web', 1), owner('app')], {}],
    [
      'are one for processes that share it',
      connected(1, 2),
      [owner('web', 1, 1), owner('app', 2)],
      { web: [1], app: [2] },
    ],
  ])('%s', (_what, sockets, containers, expected) => {
    const found = between(sockets, containers);
    expect(endsOf(found)).toEqual(expected);
    expect(found.impossible).toEqual([]);
    expect(found.pending).toBeUndefined();
  });
});

describe('what cannot be carried', () => {
  it.each<[string, readonly ListedSocket[], readonly SocketOwner[], readonly string[]]>([
    [
      'are datagram sockets, once for all of two containers',
      [...connected(1, 2, { type: 'datagram' }), ...connected(3, 4, { type: 'datagram' })],
      [owner('web', 1, 3), owner('app', 2, 4)],
      ['datagram sockets between app and web'],
    ],
    [
      'is a datagram socket of which the other knows nothing',
      [socket(1, 2, { type: 'datagram' }), socket(2, 0, { type: 'datagram' })],
      [owner('app', 1), owner('log', 2)],
      ['datagram sockets between app and log'],
    ],
    [
      'is a socket that was handed from one container to another',
      connected(1, 2),
      [owner('web', 1), owner('app', 1, 2)],
      ['a unix socket that app and web both have open'],
    ],
    [
      'is one that listens and was handed on, too',
      [listening(1, 0)],
      [owner('web', 1), owner('app', 1)],
      ['a unix socket that app and web both have open'],
    ],
    [
      'are not datagram sockets of one container',
      connected(1, 2, { type: 'datagram' }),
      [owner('web', 1, 2), owner('app')],
      [],
    ],
  ])('%s', (_what, sockets, containers, expected) => {
    expect(between(sockets, containers).impossible).toEqual(expected);
  });
});

describe('a connection that nobody has accepted', () => {
  const containers = [owner('web', 1), owner('app', 2)];

  it('is waited for when it may come from another container', () => {
    expect(between([listening(1, 1), socket(2)], containers).pending).toBe(
      'container web has not accepted a connection of a unix socket, which may come from container app',
    );
  });

  it.each<[string, readonly ListedSocket[], readonly SocketOwner[]]>([
    [
      'of the same container, which CRIU knows how to dump',
      [listening(1, 1), socket(3)],
      [owner('web', 1, 3), owner('app', 2)],
    ],
    ['where nobody waits', [listening(1, 0), socket(2)], containers],
    ['where only a datagram socket has no peer', [listening(1, 1), socket(2, 0, { type: 'datagram' })], containers],
    ['where another only listens, too', [listening(1, 1), listening(2, 0)], containers],
  ])('is not waited for %s', (_what, sockets, some) => {
    expect(between(sockets, some).pending).toBeUndefined();
  });
});

describe('an old kernel', () => {
  const containers = [owner('web', 1, 3), owner('app', 2, 4)];

  it.each<[string, string, readonly ListedSocket[], readonly string[]]>([
    [
      'hands no connection on',
      '5.4.0-216-generic',
      connected(1, 2),
      ['connections of unix sockets between containers, which Linux 5.4.0-216-generic cannot hand on (5.6 can)'],
    ],
    ['need not where there is none', '4.18.0', connected(1, 3), []],
    ['is none from 5.6 on', '5.6.0', connected(1, 2), []],
    [
      'is not the only obstacle',
      '6.18.0',
      connected(1, 2, { type: 'datagram' }),
      ['datagram sockets between app and web'],
    ],
  ])('%s', (_what, kernel, sockets, expected) => {
    expect(obstaclesIn(between(sockets, containers), kernel)).toEqual(expected);
  });
});
