import { isOlder } from '../../migration/node-fit/version.ts';
import type { ListedSocket } from './socket-table.ts';

/** Which sockets the processes of a container have, by inode. */
export interface SocketOwner {
  readonly name: string;
  readonly sockets: readonly number[];
}

/** What goes from one container of a pod to another over unix sockets. */
export interface Between {
  /** By container: its ends of such connections, which CRIU is to leave to us. */
  readonly ends: ReadonlyMap<string, readonly number[]>;
  /** What nobody can carry, each a phrase. */
  readonly impossible: readonly string[];
  /** Why they cannot be dumped in this moment, though they may in the next; undefined when they can. */
  readonly pending: string | undefined;
}

const holdersOf = (containers: readonly SocketOwner[]): ReadonlyMap<number, readonly string[]> => {
  const holders = new Map<number, readonly string[]>();
  for (const { name, sockets } of containers)
    for (const ino of new Set(sockets)) holders.set(ino, [...(holders.get(ino) ?? []), name]);
  return holders;
};

const pairOf = (names: readonly string[]): string => names.toSorted().join(' and ');

/**
 * A connection that nobody has accepted is known only to the socket that listens: CRIU writes down with the other end
 * that it goes there, and does not find it in the same image when it restores (criu/sk-unix.c, dump_one_unix_fd and
 * fixup_unix_peer).
 */
const pendingIn = (
  sockets: readonly ListedSocket[],
  holders: ReadonlyMap<number, readonly string[]>,
): string | undefined => {
  const namesOf = (some: readonly ListedSocket[]) => some.flatMap(({ ino }) => holders.get(ino) ?? []);
  const asked = namesOf(sockets.filter(({ isListening, queue }) => isListening && queue > 0));
  const waiting = namesOf(
    sockets.filter(({ type, isListening, peer }) => type !== 'datagram' && !isListening && peer === 0),
  );
  const pair = asked.flatMap((to) => waiting.filter((from) => from !== to).map((from) => ({ from, to }))).at(0);
  if (pair === undefined) return undefined;
  return `container ${pair.to} has not accepted a connection of a unix socket, which may come from container ${pair.from}`;
};

/**
 * Each container is dumped by a CRIU of its own, which has only one end of a connection to another. A pair that is made
 * anew takes the place of both; that is possible where each end belongs to one container alone, and knows of the other.
 * A datagram socket CRIU would wait for without end (criu/sk-unix.c, add_fake_unix_queuers).
 */
export const between = (sockets: readonly ListedSocket[], containers: readonly SocketOwner[]): Between => {
  const holders = holdersOf(containers);
  const ends = new Map<string, number[]>();
  const impossible = new Set<string>();
  for (const { type, ino, peer } of sockets) {
    const [own, second] = holders.get(ino) ?? [];
    if (own === undefined) continue;
    if (second !== undefined) impossible.add(`a unix socket that ${pairOf([own, second])} both have open`);
    const other = (holders.get(peer) ?? []).find((name) => name !== own);
    if (other === undefined || second !== undefined) continue;
    if (type === 'datagram') impossible.add(`datagram sockets between ${pairOf([own, other])}`);
    else ends.set(own, [...(ends.get(own) ?? []), ino]);
  }
  return { ends, impossible: [...impossible], pending: pendingIn(sockets, holders) };
};

/** It has pidfd_getfd(2), by which a socket comes to the CRIU that is to inherit it. */
const oldestKernel = '5.6';

/**
 * What stands in the way of a move, each a phrase.
 * @param kernel of this node; that of a target is never older
 */
export const obstaclesIn = ({ ends, impossible }: Between, kernel: string): readonly string[] => [
  ...impossible,
  ...(ends.size > 0 && isOlder(kernel, oldestKernel, 2)
    ? [`connections of unix sockets between containers, which Linux ${kernel} cannot hand on (${oldestKernel} can)`]
    : []),
];
