import { expect, it } from 'vitest';
import { interfering } from './interference.ts';

const never = new AbortController().signal;

/** Notes down what is sent, and when it is closed. */
const recorder = () => {
  const seen: string[] = [];
  return {
    seen,
    sendFrame(frame: Buffer, signal: AbortSignal) {
      signal.throwIfAborted();
      seen.push(frame.toString());
      return Promise.resolve();
    },
    close() {
      seen.push('closed');
    },
  };
};

const sendTwice = async (directive: Parameters<typeof interfering>[1]): Promise<readonly string[]> => {
  const channel = recorder();
  const frames = ['abcd', 'efgh'].map((text) => Buffer.from(text));
  const through = interfering(channel, directive);
  for (const frame of frames) await through.sendFrame(frame, never);
  expect(frames.map(String)).toEqual(['abcd', 'efgh']);
  return channel.seen;
};

it.each([
  ['go', ['abcd', 'efgh']],
  ['corrupt', ['abce', 'efgh']],
] as const)('with %s goes out %o', async (directive, seen) => {
  expect(await sendTwice(directive)).toEqual(seen);
});

it('with truncate the stream ends in the middle of a frame', async () => {
  expect((await sendTwice('truncate')).slice(0, 2)).toEqual(['ab', 'closed']);
});
