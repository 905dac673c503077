import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ReasonedError } from '../../api/reasons.ts';
import { asOneOf, type Channel } from './channel.ts';
import { Checksum } from './checksum.ts';
import type { Frame, Message } from './frame.ts';
import type { ContainerImage } from './send-image.ts';

/** What the source may send besides an image, trees of files and logs, which somebody else takes. */
export type OnBeside = (message: Extract<Message, { say: 'tree' | 'log' }>) => Promise<void>;

/** The files of an image that arrives, in any order and in pieces. Writes are synchronous: they go into memory. */
class Receiver {
  readonly #directory: string;
  readonly #open = new Map<string, number>();
  readonly #checksum = new Checksum();
  /** Of the file that was begun last. */
  #fd = -1;
  bytes = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  get files(): number {
    return this.#open.size;
  }

  get checksum(): string {
    return this.#checksum.hex;
  }

  /** O_EXCL and O_NOFOLLOW: an image brings its own files and never writes into what is there already. */
  begin(name: string): void {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    this.#fd = this.#open.get(name) ?? openSync(join(this.#directory, name), flags, 0o600);
    this.#open.set(name, this.#fd);
  }

  append(bytes: Buffer): void {
    for (let written = 0; written < bytes.length;) written += writeSync(this.#fd, bytes, written);
    this.#checksum.add(bytes);
    this.bytes += bytes.length;
  }

  close(): void {
    for (const fd of this.#open.values()) closeSync(fd);
    this.#open.clear();
  }
}

const complete = (receiver: Receiver, said: Extract<Message, { say: 'restore' }>): void => {
  const { files, bytes, checksum } = receiver;
  if (said.files !== files || said.bytes !== bytes)
    throw new ReasonedError(
      'StreamTruncated',
      `The image has ${said.files} files and ${said.bytes} bytes, but ${files} files and ${bytes} bytes arrived`,
    );
  if (said.checksum !== checksum)
    throw new ReasonedError(
      'StreamCorrupted',
      `The image has the checksum ${said.checksum}, but what arrived has ${checksum}: its bytes were changed on their way`,
    );
};

/** The images of a pod that have not arrived whole yet. Throws StreamMalformed when the source names a container that is none of them. */
class Awaited {
  readonly #receivers: Map<string, Receiver>;
  #current: Receiver | undefined;

  constructor(places: readonly ContainerImage[]) {
    this.#receivers = new Map(places.map(({ container, directory }) => [container, new Receiver(directory)]));
  }

  get size(): number {
    return this.#receivers.size;
  }

  readonly take = (frame: Frame): boolean => {
    if (frame.kind === 'bytes') this.#append(frame.bytes);
    else if (frame.message.say === 'file') this.#begin(frame.message);
    else return false;
    return true;
  };

  complete(said: Extract<Message, { say: 'restore' }>): void {
    const receiver = this.#of(said.container);
    complete(receiver, said);
    receiver.close();
    this.#receivers.delete(said.container);
    this.#current = undefined;
  }

  close(): void {
    for (const receiver of this.#receivers.values()) receiver.close();
  }

  #begin({ container, name }: Extract<Message, { say: 'file' }>): void {
    this.#current = this.#of(container);
    this.#current.begin(name);
  }

  #append(bytes: Buffer): void {
    if (!this.#current)
      throw new ReasonedError('StreamMalformed', 'Bytes of an image came before the name of their file');
    this.#current.append(bytes);
  }

  #of(container: string): Receiver {
    const receiver = this.#receivers.get(container);
    if (receiver) return receiver;
    throw new ReasonedError('StreamMalformed', `No image of a container ${container} is awaited`);
  }
}

/**
 * Receives the images of a pod's containers, each into an empty directory of its
 * own, until the source has said of all that they are complete. Rejects with
 * StreamTruncated when files or bytes are missing, with StreamCorrupted when they
 * are not those that were sent.
 */
export const receiveImages = async (
  channel: Channel,
  places: readonly ContainerImage[],
  onBeside: OnBeside,
  signal: AbortSignal,
): Promise<void> => {
  const awaited = new Awaited(places);
  try {
    while (awaited.size > 0) {
      channel.divert(awaited.take);
      const message = asOneOf(await channel.next(signal), ['tree', 'log', 'restore']);
      if (message.say === 'restore') awaited.complete(message);
      else await onBeside(message);
    }
  } finally {
    awaited.close();
  }
};
