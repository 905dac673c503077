import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { ReasonedError } from '../../api/reasons.ts';
import { encodeBytesHead, encodeMessage, type Frame, frames, type Message } from './frame.ts';

/** One conversation between two agents over a stream that both sides have authenticated. */
export interface Channel {
  say(message: Message): Promise<void>;
  /** Sends bytes of the file or archive that the last message announced. */
  send(bytes: Buffer): Promise<void>;
  /** The next frame. Rejects with StreamTruncated at the end of the stream. */
  next(signal: AbortSignal): Promise<Frame>;
  /** The next message, which must be this one; `failed` rejects with the reason that the other side gave. */
  expect<S extends Message['say']>(say: S, signal: AbortSignal): Promise<Extract<Message, { say: S }>>;
  close(): void;
}

type Said<S extends Message['say']> = Extract<Message, { say: S }>;

const isOneOf = <S extends Message['say']>(message: Message, says: readonly S[]): message is Said<S> =>
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

export const openChannel = (stream: Duplex): Channel => {
  const incoming = frames(stream as AsyncIterable<Buffer>);
  stream.on('error', () => undefined); // the pending read rejects with it
  const write = async (data: Buffer) => {
    if (stream.destroyed) throw new ReasonedError('StreamTruncated', 'The connection to the other agent is closed');
    if (!stream.write(data)) await once(stream, 'drain');
  };
  const next = async (signal: AbortSignal): Promise<Frame> => {
    signal.throwIfAborted();
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const abort = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
    try {
      const result = await Promise.race([incoming.next(), aborted]);
      if (result.done)
        throw new ReasonedError(
          'StreamTruncated',
          'The other agent closed the connection before the move was complete',
        );
      return result.value;
    } catch (error) {
      if (error instanceof ReasonedError || signal.aborted) throw error;
      throw new ReasonedError(
        'StreamTruncated',
        `The connection to the other agent broke: ${(error as Error).message}`,
        { cause: error },
      );
    } finally {
      signal.removeEventListener('abort', abort);
    }
  };
  return {
    say: (message) => write(encodeMessage(message)),
    async send(bytes) {
      stream.cork();
      const head = write(encodeBytesHead(bytes.length));
      const body = write(bytes);
      stream.uncork();
      await Promise.all([head, body]);
    },
    next,
    async expect(say, signal) {
      return asExpected(await next(signal), say);
    },
    close() {
      stream.destroy();
    },
  };
};
