import type { End, Pair } from './pairs.ts';

const nonblocking = 0o4000; // O_NONBLOCK
const options = { receiveTimeout: 20, sendTimeout: 21, lockedBuffers: 72 }; // asm-generic/socket.h

/** What a new socket has anyway is left out, but for what `buffers` changes: not every kernel takes every option. */
const numbersFor = (end: number, numbers: ReadonlyMap<number, number>): readonly string[] =>
  [...numbers]
    .filter(([name, value]) => value !== 0 || name === options.lockedBuffers)
    .map(([name, value]) => `number ${end} ${name} ${value}`);

const timeFor = (end: number, name: number, [sec, usec]: readonly [number, number]): readonly string[] =>
  sec === 0 && usec === 0 ? [] : [`time ${end} ${name} ${sec} ${usec}`];

const orderFor = (end: number, { socket }: End): readonly string[] => {
  const { sendBuffer, receiveBuffer, sendTimeout, receiveTimeout, numbers } = socket.options;
  return [
    `buffers ${end} ${sendBuffer} ${receiveBuffer}`,
    ...numbersFor(end, numbers),
    ...timeFor(end, options.sendTimeout, sendTimeout),
    ...timeFor(end, options.receiveTimeout, receiveTimeout),
    ...(socket.shutdown === 0 ? [] : [`shut ${end} ${socket.shutdown - 1}`]), // SHUT_RD is 0
    ...((socket.flags & nonblocking) === 0 ? [] : [`nonblock ${end}`]),
  ];
};

/**
 * What `ends.pl` is to make, a line for each thing. Ends are numbered in the order of the pairs. What waits to be read
 * is written first, while nothing is shut, and the buffers are as large as they may be.
 */
export const ordersFor = (pairs: readonly Pair[]): readonly string[] => {
  const ends = pairs.flat();
  return [
    ...pairs.map(([{ socket }]) => `pair ${socket.type}`),
    ...ends.flatMap(({ socket }, end) => socket.queue.map(({ bytes }) => `queue ${end} ${bytes.toString('hex')}`)),
    ...ends.flatMap((end, number) => orderFor(number, end)),
    'made',
  ];
};
