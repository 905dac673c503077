import { describe, expect, it } from 'vitest';
import { httpSink } from './sink.ts';

const never = new AbortController().signal;
const message = { headers: { 'content-type': 'application/cloudevents+json' }, body: '{}' };

const answering = (code: number, location?: string) =>
  httpSink({ name: 'audit', url: 'http://audit.example/' }, (call) =>
    Promise.resolve({ code, location, body: new Uint8Array(), isCut: call.mostBytes < 1_024 }),
  );

describe('a sink', () => {
  it('has an event when it says so', async () => {
    await expect(answering(202).send(message, never)).resolves.toBeUndefined();
  });

  it.each([
    [500, undefined, 'the sink audit has not taken an event: it answered 500'],
    [
      301,
      'http://elsewhere/',
      'the sink audit has not taken an event: it answered 301 and a redirect, which is not followed',
    ],
  ])('that answers %s has not', async (code, location, words) => {
    await expect(answering(code, location).send(message, never)).rejects.toThrow(words);
  });
});
