import { closeSync, constants, openSync, readdirSync, readSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { Channel } from './channel.ts';
import { Checksum } from './checksum.ts';
import { headBytes, writeBytesHead } from './frame.ts';

/** Large enough to amortise a frame, small enough that both sides work at the same time. */
const chunkBytes = 256 * 1024;

/** CRIU appends to these from their beginning to their end, and they are nearly all of an image (criu/page-xfer.c). */
const isPages = (name: string): boolean => name.startsWith('pages-');

/** Where the image of a container lies. */
export interface ContainerImage {
  readonly container: string;
  readonly directory: string;
}

/**
 * Reads are synchronous: the images are in memory, where a read is a copy, and
 * costs less than a turn through the thread pool.
 */
class Sender {
  readonly #channel: Channel;
  readonly #container: string;
  readonly #directory: string;
  readonly #signal: AbortSignal;
  readonly #open = new Map<string, { readonly fd: number; sent: number }>();
  readonly #checksum = new Checksum();
  #current: string | undefined;
  /** One is filled while the other is on its way. */
  readonly #frames = [0, 1].map(() => ({
    buffer: Buffer.allocUnsafe(headBytes + chunkBytes),
    sent: Promise.resolve(),
  }));
  #turn = 0;

  constructor(channel: Channel, { container, directory }: ContainerImage, signal: AbortSignal) {
    this.#channel = channel;
    this.#container = container;
    this.#directory = directory;
    this.#signal = signal;
  }

  /** Sends what has been appended to these files since the last time. */
  async sendNew(names: readonly string[]): Promise<void> {
    for (const name of names) await this.#sendFile(name);
  }

  get files(): number {
    return this.#open.size;
  }

  get bytes(): number {
    return [...this.#open.values()].reduce((sum, { sent }) => sum + sent, 0);
  }

  get checksum(): string {
    return this.#checksum.hex;
  }

  close(): void {
    for (const { fd } of this.#open.values()) closeSync(fd);
    this.#open.clear();
  }

  async #sendFile(name: string): Promise<void> {
    const file = this.#open.get(name) ?? {
      fd: openSync(join(this.#directory, name), constants.O_RDONLY | constants.O_NOFOLLOW),
      sent: 0,
    };
    if (!this.#open.has(name)) this.#open.set(name, file);
    if (this.#current !== name)
      await this.#channel.say({ say: 'file', container: this.#container, name }, this.#signal);
    this.#current = name;
    for (;;) {
      const frame = this.#frames[this.#turn % 2];
      if (!frame) return;
      await frame.sent;
      const bytes = readSync(file.fd, frame.buffer, headBytes, chunkBytes, file.sent);
      if (bytes === 0) return;
      file.sent += bytes;
      this.#checksum.add(frame.buffer.subarray(headBytes, headBytes + bytes));
      writeBytesHead(frame.buffer, bytes);
      frame.sent = this.#channel.sendFrame(frame.buffer.subarray(0, headBytes + bytes), this.#signal);
      frame.sent.catch(() => undefined); // whoever awaits it is told
      this.#turn += 1;
    }
  }

  /** Resolves when everything is on its way. */
  async flush(): Promise<void> {
    await Promise.all(this.#frames.map(({ sent }) => sent));
  }
}

/**
 * Sends an image while CRIU writes it: pages as they come, everything else when
 * `dumped` has resolved. Rejects with what `dumped` rejects with.
 *
 * @returns the bytes of the whole image.
 */
export const sendImage = async (
  channel: Channel,
  image: ContainerImage,
  dumped: Promise<unknown>,
  signal: AbortSignal,
): Promise<number> => {
  const { container, directory } = image;
  const sender = new Sender(channel, image, signal);
  const dump = { over: false };
  let wake = Promise.withResolvers<undefined>();
  const rouse = (): void => wake.resolve(undefined);
  const watcher = watch(directory, rouse);
  signal.addEventListener('abort', rouse, { once: true });
  const done = dumped.finally(() => {
    dump.over = true;
    rouse();
  });
  done.catch(() => undefined); // awaited below
  try {
    while (!dump.over) {
      signal.throwIfAborted();
      await sender.sendNew(readdirSync(directory).filter(isPages));
      await wake.promise;
      wake = Promise.withResolvers<undefined>();
    }
    await done;
    await sender.sendNew(readdirSync(directory));
    await sender.flush();
    const { files, bytes, checksum } = sender;
    await channel.say({ say: 'restore', container, files, bytes, checksum }, signal);
    return bytes;
  } finally {
    signal.removeEventListener('abort', rouse);
    watcher.close();
    sender.close();
  }
};
