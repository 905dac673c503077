import { describe, expect, it } from 'vitest';
import type { HookCall } from '../../migration/hooks/call.ts';
import type { PostAnswer } from '../../outgoing/post.ts';
import { carryOutWith } from './carry-out.ts';

const signal = new AbortController().signal;
const body = {
  hook: 'preFreeze',
  attempt: 1,
  migration: { namespace: 'default', name: 'move', uid: 'm' },
  phase: 'Arrived',
  source: { podName: 'web-1' },
} as const;
const request: HookCall = { by: 'http', url: 'http://hooks.example/', body };
const program: HookCall = { by: 'exec', pod: { name: 'web-1', uid: 'u' }, container: 'web', command: ['/x'] };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const answering = (answer: Partial<PostAnswer>) =>
  carryOutWith({
    post: () => Promise.resolve({ code: 200, location: undefined, body: bytes('said'), isCut: false, ...answer }),
    exec: () => Promise.reject(new Error('no')),
  });

describe('a request', () => {
  it.each<[string, Partial<PostAnswer>, string | undefined]>([
    ['that is answered with 200', {}, undefined],
    ['that is answered with 500', { code: 500 }, 'it answered 500'],
    [
      'that is redirected',
      { code: 302, location: 'http://elsewhere/' },
      'it answered 302 and a redirect, which is not followed',
    ],
  ])('%s', async (_name, answer, failure) => {
    expect(await answering(answer)(request, 'default', signal)).toEqual({ failure, output: 'said' });
  });

  it('carries the message as JSON', async () => {
    const sent: string[] = [];
    const carryOut = carryOutWith({
      post: (call) => {
        sent.push(call.url, call.body);
        return Promise.resolve({ code: 204, location: undefined, body: bytes(''), isCut: false });
      },
      exec: () => Promise.reject(new Error('no')),
    });
    await carryOut(request, 'default', signal);
    expect([sent[0], JSON.parse(sent[1] ?? '')]).toEqual(['http://hooks.example/', body]);
  });

  it('that reaches nobody is a failure, and says why', async () => {
    const carryOut = carryOutWith({
      post: () => Promise.reject(new Error('connect ECONNREFUSED')),
      exec: () => Promise.reject(new Error('no')),
    });
    expect(await carryOut(request, 'default', signal)).toEqual({ failure: 'connect ECONNREFUSED', output: '' });
  });
});

it('of what others say of a failure no more is kept than of what a hook says', async () => {
  const carryOut = carryOutWith({
    post: () => Promise.reject(new Error(`\u001b[2J${'x'.repeat(5_000)}`)),
    exec: () => Promise.reject(new Error('no')),
  });
  const { failure = '' } = await carryOut(request, 'default', signal);
  expect(new TextEncoder().encode(failure)).toHaveLength(1_024);
  expect(failure).toMatch(/^\uFFFD\[2Jx+…$/);
});

it('a program is run in the container of the pod', async () => {
  const seen: object[] = [];
  const carryOut = carryOutWith({
    post: () => Promise.reject(new Error('no')),
    exec: (command) => {
      seen.push(command);
      return Promise.resolve({ failure: 'it ended with code 3', output: bytes('no space'), isCut: false });
    },
  });
  expect(await carryOut(program, 'shop', signal)).toEqual({ failure: 'it ended with code 3', output: 'no space' });
  expect(seen).toEqual([{ namespace: 'shop', pod: 'web-1', container: 'web', command: ['/x'], mostBytes: 1_024 }]);
});
