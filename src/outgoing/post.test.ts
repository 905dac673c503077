import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Post, post, refusalIn } from './post.ts';

/** A real server, because what is tested here is what a real one can do to us. */
let server: http.Server;
let url: string;
let seen: { readonly path: string | undefined; readonly body: string; readonly type: string | undefined }[];
let sent: number;
let serve: (response: http.ServerResponse) => void;

beforeEach(async () => {
  [seen, sent] = [[], 0];
  server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.push({
        path: request.url,
        body: Buffer.concat(chunks).toString(),
        type: request.headers['content-type'],
      });
      serve(response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const call = (changes: Partial<Post> = {}): Post => ({ url, body: '{"a":1}', mostBytes: 1_024, ...changes });
const within = (ms: number): AbortSignal => AbortSignal.timeout(ms);
const text = (body: Uint8Array): string => new TextDecoder().decode(body);

/** Writes as much as it is let, in pieces. */
const pour = (response: http.ServerResponse, bytes: number): void => {
  const piece = Buffer.alloc(64 * 1024, 'x');
  const more = (): void => {
    while (sent < bytes && !response.destroyed) {
      sent += piece.length;
      if (!response.write(piece)) {
        response.once('drain', more);
        return;
      }
    }
    response.end();
  };
  more();
};

describe('a server that', () => {
  it('answers is told all, and its answer is read', async () => {
    serve = (response) => response.writeHead(200).end('thank you');
    const headers = { 'content-type': 'application/json' };
    const answer = await post(call({ headers }), within(5_000));
    expect({ ...answer, body: text(answer.body) }).toEqual({
      code: 200,
      location: undefined,
      body: 'thank you',
      isCut: false,
    });
    expect(seen).toEqual([{ path: '/hook', body: '{"a":1}', type: 'application/json' }]);
  });

  it('never answers is left when the time is over', async () => {
    serve = () => undefined;
    await expect(post(call(), within(100))).rejects.toThrow(/timeout/);
  });

  it('never ends its answer is left when the time is over', async () => {
    serve = (response) => {
      response.writeHead(200).write('once upon a time');
    };
    await expect(post(call(), within(200))).rejects.toThrow(/timeout/);
  });

  it('redirects for ever is asked once', async () => {
    serve = (response) => response.writeHead(307, { location: url }).end();
    const answer = await post(call(), within(5_000));
    expect(refusalIn(answer)).toBe('it answered 307 and a redirect, which is not followed');
    expect(seen).toHaveLength(1);
  });

  it('answers with 10 MB is read no further than asked for', async () => {
    serve = (response) => {
      response.writeHead(200);
      pour(response, 10 * 1024 * 1024);
    };
    const answer = await post(call(), within(5_000));
    expect(answer).toMatchObject({ code: 200, isCut: true });
    expect(text(answer.body)).toBe('x'.repeat(1_024));
    expect(sent).toBeLessThan(10 * 1024 * 1024);
  });

  it('answers with what is no HTTP is an error', async () => {
    serve = (response) => {
      response.socket?.end('\u0000\u0001garbage\r\n\r\n');
    };
    await expect(post(call(), within(5_000))).rejects.toThrow(/Parse Error/);
  });

  it('hangs up is an error', async () => {
    serve = (response) => {
      response.socket?.destroy();
    };
    await expect(post(call(), within(5_000))).rejects.toThrow(/socket hang up/);
  });

  it('is not there is an error', async () => {
    const { port } = server.address() as AddressInfo;
    serve = () => undefined;
    const free = http.createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const nobody = (free.address() as AddressInfo).port;
    free.close();
    await once(free, 'close');
    expect(nobody).not.toBe(port);
    await expect(post(call({ url: `http://127.0.0.1:${nobody}/` }), within(5_000))).rejects.toThrow(/ECONNREFUSED/);
  });
});

it('is not begun when nobody wants it any more', async () => {
  await expect(post(call(), AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
  expect(seen).toEqual([]);
});

it.each([
  [200, undefined],
  [204, undefined],
  [199, 'it answered 199'],
  [404, 'it answered 404'],
  [500, 'it answered 500'],
])('%s says: %s', (code, refusal) => {
  expect(refusalIn({ code, location: undefined })).toBe(refusal);
});
