import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type Channel, openChannel } from './channel.ts';

const given = new Error('the move was given up');

/** A channel whose stream takes a first write and never asks for another. */
const stuck = (): Channel => openChannel(new Duplex({ read: () => undefined, write: () => undefined }));
const bytes = Buffer.alloc(1_000_000);

describe('a write that waits for room', () => {
  it.each<[string, (channel: Channel, signal: AbortSignal) => Promise<void>]>([
    ['a message', (c, signal) => c.say({ say: 'tree', root: 'rootfs', removed: ['x'.repeat(1_000_000)] }, signal)],
    ['bytes', (c, signal) => c.send(bytes, signal)],
    ['a whole frame', (c, signal) => c.sendFrame(bytes, signal)],
  ])('is given up with the move: %s', async (_what, write) => {
    const move = new AbortController();
    const channel = stuck();
    const written = write(channel, move.signal);
    move.abort(given);
    await expect(written).rejects.toBe(given);
    await expect(write(channel, move.signal)).rejects.toBe(given);
  });
});
