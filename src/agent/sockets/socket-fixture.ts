import type { DumpedSocket, SocketOptions } from './image-sockets.ts';

const options: SocketOptions = {
  ...{ sendBuffer: 212_992, receiveBuffer: 212_992, hasFilter: false },
  ...{ sendTimeout: [0, 0], receiveTimeout: [0, 0], numbers: new Map() },
};

/** For tests: a stream socket as CRIU finds most of them. */
export const dumped = (
  ino: number,
  peer: number,
  more: Partial<Omit<DumpedSocket, 'options'>> & { readonly options?: Partial<SocketOptions> } = {},
): DumpedSocket => ({
  ...{ ino, peer, type: 1, isExternal: false, flags: 2, owner: 0, shutdown: 0, queue: [] },
  ...more,
  options: { ...options, ...more.options },
});

/** What stands in an image for a socket of somebody else. */
export const external = (ino: number): DumpedSocket => dumped(ino, 0, { type: 2, isExternal: true });
