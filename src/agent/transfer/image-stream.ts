import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ReasonedError } from '../../api/reasons.ts';
import type { Channel } from './channel.ts';
import { asExpected, nextOf } from './channel.ts';
import type { Message } from './frame.ts';

const chunkBytes = 1024 * 1024;

/** Sends every file of an image directory; returns how many bytes there were. */
export const sendImage = async (channel: Channel, directory: string): Promise<number> => {
  const names = await readdir(directory);
  let total = 0;
  for (const name of names) {
    const handle = await open(join(directory, name), constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const { size } = await handle.stat();
      await channel.say({ say: 'file', name, bytes: size });
      for (let sent = 0; sent < size;) {
        const { bytesRead, buffer } = await handle.read(
          Buffer.allocUnsafe(Math.min(chunkBytes, size - sent)),
          0,
          null,
          sent,
        );
        if (bytesRead === 0)
          throw new ReasonedError('StreamTruncated', `Image file ${name} became shorter while it was read`);
        await channel.send(buffer.subarray(0, bytesRead));
        sent += bytesRead;
      }
      total += size;
    } finally {
      await handle.close();
    }
  }
  await channel.say({ say: 'restore', files: names.length, bytes: total });
  return total;
};

const receiveFile = async (channel: Channel, path: string, bytes: number, signal: AbortSignal): Promise<void> => {
  // O_EXCL and O_NOFOLLOW: an image brings its own files and never writes into what is there already.
  const handle = await open(
    path,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    0o600,
  );
  try {
    for (let got = 0; got < bytes;) {
      const frame = await channel.next(signal);
      if (frame.kind !== 'bytes') asExpected(frame, 'file');
      if (frame.kind !== 'bytes' || got + frame.bytes.length > bytes)
        throw new ReasonedError('StreamMalformed', `More than the ${bytes} announced bytes came for ${path}`);
      await handle.writeFile(frame.bytes); // goes on where the last one ended, and writes all of it
      got += frame.bytes.length;
    }
  } finally {
    await handle.close();
  }
};

/** What the source may send besides an image: trees of files, which somebody else takes. */
export type OnTree = (tree: Extract<Message, { say: 'tree' }>) => Promise<void>;

/**
 * Receives the files of an image into an empty directory, until the source says
 * that they are complete. Rejects when files or bytes are missing.
 */
export const receiveImage = async (
  channel: Channel,
  directory: string,
  onTree: OnTree,
  signal: AbortSignal,
): Promise<void> => {
  let files = 0;
  let total = 0;
  for (;;) {
    const message = await nextOf(channel, ['tree', 'file', 'restore'], signal);
    if (message.say === 'tree') await onTree(message);
    if (message.say === 'file') {
      await receiveFile(channel, join(directory, message.name), message.bytes, signal);
      files += 1;
      total += message.bytes;
    }
    if (message.say === 'restore') {
      if (message.files === files && message.bytes === total) return;
      throw new ReasonedError(
        'StreamTruncated',
        `The image has ${message.files} files and ${message.bytes} bytes, but ${files} files and ${total} bytes arrived`,
      );
    }
  }
};
