import type { Duplex } from 'node:stream';
import { ReasonedError } from '../../api/reasons.ts';
import { noClock } from '../../trace/vector-clock.ts';
import { type Conversation, unnotedConversation } from './conversation.ts';
import { encodeBytesHead, encodeMessage, type Frame, FrameCutter, type Heard, type Message } from './frame.ts';

/** One conversation between two agents over a stream that both sides have authenticated. */
export interface Channel {
  /** Resolves when there is room for more, which the signal ends the waiting for. */
  say(message: Message, signal?: AbortSignal): Promise<void>;
  /** Sends bytes of the file or archive that the last message announced. Waits as `say` does. */
  send(bytes: Buffer, signal: AbortSignal): Promise<void>;
  /**
   * Sends a frame of bytes that begins with its own head ({@link writeBytesHead}), so that nothing has to be copied
   * together. Resolves when the buffer may be used again; after an abort, never again.
   */
  sendFrame(frame: Buffer, signal: AbortSignal): Promise<void>;
  /**
   * Gives frames to `consume` as they come in, without a turn of the event loop between them, until it returns false;
   * that frame, and all after it, wait for `next`. What it throws ends the channel.
   */
  divert(consume: (frame: Frame) => boolean): void;
  /** When anything last came in, by `performance.now()`; 0 when nothing has. */
  heardAt(): number;
  /** The next frame but `alive`, which says only that somebody is there. Rejects with StreamTruncated at the end of the stream. */
  next(signal: AbortSignal): Promise<Frame>;
  /** The next message, which must be this one; `failed` rejects with the reason that the other side gave. */
  expect<S extends Message['say']>(say: S, signal: AbortSignal): Promise<Extract<Message, { say: S }>>;
  close(): void;
}

type Said<S extends Message['say']> = Extract<Message, { say: S }>;

const isOneOf = <S extends Message['say']>(message: Heard, says: readonly S[]): message is Said<S> =>
  (says as readonly string[]).includes(message.say);

/** The frame as one of these messages. Throws the reason that the other side gave, or StreamMalformed. */
export const asOneOf = <S extends Message['say']>(frame: Frame, says: readonly S[]): Said<S> => {
  if (frame.kind === 'message') {
    const { message } = frame;
    if (isOneOf(message, says)) return message;
    if (message.say === 'failed') throw new ReasonedError(message.reason, message.message);
  }
  const got = frame.kind === 'message' ? `"${frame.message.say}"` : 'bytes';
  throw new ReasonedError('StreamMalformed', `Expected the other agent to say "${says.join('" or "')}", got ${got}`);
};

export const asExpected = <S extends Message['say']>(frame: Frame, say: S): Said<S> => asOneOf(frame, [say]);

/** The next message, which must be one of these. */
export const nextOf = async <S extends Message['say']>(
  channel: Channel,
  says: readonly S[],
  signal: AbortSignal,
): Promise<Said<S>> => asOneOf(await channel.next(signal), says);

/** More than this waits in the kernel and at the sender, not here. */
const mostWaitingFrames = 256;

const brokenBy = (error: Error): ReasonedError =>
  error instanceof ReasonedError
    ? error
    : new ReasonedError('StreamTruncated', `The connection to the other agent broke: ${error.message}`, {
        cause: error,
      });

/** Frames that have come in and nobody has taken yet. */
class Inbox {
  readonly #stream: Duplex;
  readonly #conversation: Conversation;
  readonly #frames: Frame[] = [];
  #end: Error | undefined;
  heardAt = 0;
  #waiting: (() => void) | undefined;
  #consume: ((frame: Frame) => boolean) | undefined;

  constructor(stream: Duplex, conversation: Conversation) {
    this.#stream = stream;
    this.#conversation = conversation;
    const cutter = new FrameCutter();
    const finish = (error: Error): void => {
      this.#end ??= brokenBy(error);
      this.#waiting?.();
    };
    stream.on('data', (chunk: Buffer) => {
      this.heardAt = performance.now();
      if (this.#end) return;
      try {
        for (const frame of cutter.cut(chunk)) {
          if (frame.kind === 'message') this.#conversation.heard(frame.message, frame.clock ?? noClock);
          this.#accept(frame);
        }
      } catch (error) {
        this.#end = error as Error; // the stream stays open, so that the other side can still be told why
      }
      if (this.#frames.length > mostWaitingFrames) stream.pause();
      this.#waiting?.();
    });
    const ended = (): void => {
      try {
        cutter.end();
        finish(
          new ReasonedError('StreamTruncated', 'The other agent closed the connection before the move was complete'),
        );
      } catch (error) {
        finish(error as Error);
      }
    };
    stream.on('error', finish);
    stream.on('end', ended);
    stream.on('close', ended);
  }

  divert(consume: (frame: Frame) => boolean): void {
    this.#consume = consume;
    for (const frame of this.#frames.splice(0)) this.#accept(frame);
    this.#stream.resume();
  }

  #accept(frame: Frame): void {
    if (frame.kind === 'message' && frame.message.say === 'alive') return;
    if (this.#consume?.(frame)) return;
    this.#consume = undefined;
    this.#frames.push(frame);
  }

  async take(signal: AbortSignal): Promise<Frame> {
    signal.throwIfAborted();
    while (this.#frames.length === 0 && !this.#end) await this.#more(signal);
    const frame = this.#frames.shift();
    if (!frame) throw this.#end ?? new Error('unreachable: the inbox is empty and open');
    if (this.#frames.length === 0) this.#stream.resume();
    return frame;
  }

  async #more(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const abort = (): void => reject(signal.reason as Error);
    this.#waiting = () => resolve(undefined);
    signal.addEventListener('abort', abort, { once: true });
    try {
      await promise;
    } finally {
      this.#waiting = undefined;
      signal.removeEventListener('abort', abort);
    }
  }
}

/** The promise, or a rejection with the reason of the signal when that aborts first. */
export const unlessAborted = async <T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
  if (!signal) return promise;
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason as Error);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([aborted.promise, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
};

/** Resolves when the stream takes more; a closed one takes everything, and the next write tells. */
const drained = async (stream: Duplex, signal: AbortSignal | undefined): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const done = (): void => resolve(undefined);
  stream.once('drain', done).once('close', done);
  try {
    await unlessAborted(promise, signal);
  } finally {
    stream.off('drain', done).off('close', done);
  }
};

export const openChannel = (stream: Duplex, conversation: Conversation = unnotedConversation): Channel => {
  const inbox = new Inbox(stream, conversation);
  const write = async (signal: AbortSignal | undefined, ...data: readonly Buffer[]): Promise<void> => {
    signal?.throwIfAborted();
    if (stream.destroyed) throw new ReasonedError('StreamTruncated', 'The connection to the other agent is closed');
    stream.cork();
    let room = true;
    for (const part of data) room = stream.write(part);
    stream.uncork();
    if (!room) await drained(stream, signal);
  };
  return {
    say: (message, signal) => write(signal, encodeMessage(message, conversation.said(message))),
    send: (bytes, signal) => write(signal, encodeBytesHead(bytes.length), bytes),
    async sendFrame(frame, signal) {
      signal.throwIfAborted();
      if (stream.destroyed) throw new ReasonedError('StreamTruncated', 'The connection to the other agent is closed');
      const { promise, resolve, reject } = Promise.withResolvers<undefined>();
      stream.write(frame, (error) => (error ? reject(brokenBy(error)) : resolve(undefined)));
      await unlessAborted(promise, signal);
    },
    divert: (consume) => inbox.divert(consume),
    heardAt: () => inbox.heardAt,
    next: (signal) => inbox.take(signal),
    async expect(say, signal) {
      return asExpected(await inbox.take(signal), say);
    },
    close() {
      stream.destroy();
    },
  };
};
