import { type Post, type PostAnswer, refusalIn } from '../outgoing/post.ts';
import type { HTTPMessage } from './cloud-event.ts';

/** A place to which every step of every move is sent. */
export interface SinkConfig {
  /** What the record calls it; another name is another sink. */
  readonly name: string;
  readonly url: string;
}

export interface Sink {
  readonly name: string;
  /** Resolves when the sink has said that it has it; rejects with why not. */
  send(message: HTTPMessage, signal: AbortSignal): Promise<void>;
}

const timeoutMs = 5_000;

/** What a sink answers matters to nobody but for its code. */
const mostBytes = 256;

export const httpSink = (
  { name, url }: SinkConfig,
  post: (call: Post, signal: AbortSignal) => Promise<PostAnswer>,
): Sink => ({
  name,
  send: async ({ headers, body }, signal) => {
    const answer = await post(
      { url, headers, body, mostBytes },
      AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    );
    const refusal = refusalIn(answer);
    if (refusal !== undefined) throw new Error(`the sink ${name} has not taken an event: ${refusal}`);
  },
});
