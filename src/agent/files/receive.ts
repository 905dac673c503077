import { ReasonedError } from '../../api/reasons.ts';
import { asExpected, type Channel } from '../transfer/channel.ts';
import type { Message } from '../transfer/frame.ts';
import { type Enclose, enclosed } from './enclosed.ts';
import { belowTree } from './named-path.ts';
import type { Root } from './roots.ts';
import { makeSocketFile } from './socket-file.ts';
import { Unpacker } from './unpack.ts';
import type { Life } from './vanished.ts';

export type TreeMessage = Extract<Message, { say: 'tree' }>;

/** Gives on what comes until an empty frame. */
async function* archiveIn(channel: Channel, signal: AbortSignal): AsyncGenerator<Buffer> {
  for (;;) {
    const frame = await channel.next(signal);
    if (frame.kind !== 'bytes') asExpected(frame, 'tree');
    if (frame.kind !== 'bytes' || frame.bytes.length === 0) return;
    yield frame.bytes;
  }
}

/** One tree of a target, and the programs that wait there for the next message. */
class Place {
  readonly #root: Root;
  readonly #enclose: Enclose;
  #unpacker: Unpacker | undefined;

  constructor(root: Root, enclose: Enclose) {
    this.#root = root;
    this.#enclose = enclose;
    this.prepare();
  }

  prepare(): Unpacker {
    return (this.#unpacker ??= new Unpacker(this.#root, this.#enclose));
  }

  /** Deletes, then unpacks until an empty frame, then makes the files of sockets. */
  async take(channel: Channel, { removed, sockets = [] }: TreeMessage, signal: AbortSignal): Promise<void> {
    const [gone, made] = [
      removed.map(belowTree),
      sockets.map((socket) => ({ ...socket, path: belowTree(socket.path) })),
    ];
    const unpacker = this.prepare();
    using stopping = new DisposableStack();
    const stop = (): void => unpacker.close();
    signal.addEventListener('abort', stop, { once: true });
    stopping.defer(() => signal.removeEventListener('abort', stop));
    if (gone.length > 0) await unpacker.remove(gone);
    let isUnpacking = false;
    for await (const bytes of archiveIn(channel, signal)) {
      isUnpacking = true;
      await unpacker.write(bytes);
    }
    if (isUnpacking) await unpacker.end();
    signal.throwIfAborted();
    if (isUnpacking || gone.length > 0) this.close();
    if (made.length === 0) return;
    const top = await this.prepare().place();
    for (const socket of made) await makeSocketFile(top, socket);
  }

  close(): void {
    this.#unpacker?.close();
    this.#unpacker = undefined;
  }
}

/** Puts what a source sends into the trees of a target. */
export interface FileSink {
  /** Takes one message and the archive that follows it. */
  take(channel: Channel, message: TreeMessage, life: Life, signal: AbortSignal): Promise<void>;
  close(): void;
}

export const openFileSink = (roots: readonly Root[], enclose: Enclose = enclosed): FileSink => {
  const places = new Map(roots.map((root) => [root.name, new Place(root, enclose)]));
  return {
    async take(channel, message, life, signal) {
      const place = places.get(message.root);
      if (!place)
        throw new ReasonedError('StreamMalformed', `The target pod has no place for the files of ${message.root}`);
      await place.take(channel, message, signal);
      if (life === 'running') place.prepare(); // in the freeze nobody waits for a start
    },
    close() {
      for (const place of places.values()) place.close();
    },
  };
};
