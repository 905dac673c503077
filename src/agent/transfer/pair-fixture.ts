import { Duplex, PassThrough } from 'node:stream';
import { type Channel, openChannel } from './channel.ts';

/** For tests: the two ends of one connection. */
export interface Pair {
  readonly source: Channel;
  readonly target: Channel;
  /** What the source sends, as bytes. */
  readonly there: PassThrough;
  readonly back: PassThrough;
}

export const openPair = (): Pair => {
  const there = new PassThrough();
  const back = new PassThrough();
  return {
    there,
    back,
    source: openChannel(Duplex.from({ readable: back, writable: there })),
    target: openChannel(Duplex.from({ readable: there, writable: back })),
  };
};
