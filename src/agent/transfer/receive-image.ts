import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ReasonedError } from '../../api/reasons.ts';
import { asOneOf, type Channel } from './channel.ts';
import { Checksum } from './checksum.ts';
import type { Frame, Message } from './frame.ts';

/** What the source may send besides an image: trees of files, which somebody else takes. */
export type OnTree = (tree: Extract<Message, { say: 'tree' }>) => Promise<void>;

/** The files of an image that arrives, in any order and in pieces. Writes are synchronous: they go into memory. */
class Receiver {
  readonly #directory: string;
  readonly #open = new Map<string, number>();
  readonly #checksum = new Checksum();
  #current: { readonly name: string; readonly fd: number } | undefined;
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
    const fd = this.#open.get(name) ?? openSync(join(this.#directory, name), flags, 0o600);
    this.#open.set(name, fd);
    this.#current = { name, fd };
  }

  append(bytes: Buffer): void {
    if (!this.#current)
      throw new ReasonedError('StreamMalformed', 'Bytes of an image came before the name of their file');
    for (let written = 0; written < bytes.length;) written += writeSync(this.#current.fd, bytes, written);
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

/**
 * Receives the files of an image into an empty directory, until the source says
 * that they are complete. Rejects with StreamTruncated when files or bytes are
 * missing, with StreamCorrupted when they are not those that were sent.
 */
export const receiveImage = async (
  channel: Channel,
  directory: string,
  onTree: OnTree,
  signal: AbortSignal,
): Promise<void> => {
  const receiver = new Receiver(directory);
  const take = (frame: Frame): boolean => {
    if (frame.kind === 'bytes') receiver.append(frame.bytes);
    else if (frame.message.say === 'file') receiver.begin(frame.message.name);
    else return false;
    return true;
  };
  try {
    for (;;) {
      channel.divert(take);
      const message = asOneOf(await channel.next(signal), ['tree', 'restore']);
      if (message.say === 'tree') await onTree(message);
      else {
        complete(receiver, message);
        return;
      }
    }
  } finally {
    receiver.close();
  }
};
