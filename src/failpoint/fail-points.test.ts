import { createServer, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { inert } from './fail-points.ts';
import { openFailPoints } from './open.ts';
import { directives } from './points.ts';

const move = { uid: 'u-1', name: 'redis-447b4f1df5a1', attempt: 2 };
const servers: Server[] = [];

const harness = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
};

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

const bodyOf = async (request: Parameters<RequestListener>[0]): Promise<unknown> => {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text);
};

const answering =
  (directive: string): RequestListener =>
  (request, response) => {
    request.resume().on('end', () => response.end(JSON.stringify({ directive })));
  };

describe('without the configuration', () => {
  it('every point is inert', async () => {
    const points = openFailPoints(undefined, { pod: 'agent' });
    expect(points).toBe(inert);
    expect(await points.reach('source.frozen', move)).toBe('go');
    expect(points.reach('source.frozen', move)).toBe(points.reach('target.held', move));
  });
});

describe('with the address of a harness', () => {
  it('tells who has come how far', async () => {
    const told: unknown[] = [];
    const url = await harness((request, response) => {
      void bodyOf(request).then((body) => {
        told.push(request.method, request.url, body);
        response.end('{"directive":"go"}');
      });
    });
    const points = openFailPoints(url, { pod: 'transship-agent-x', node: 'n1' });
    expect(await points.reach('source.answer', move, 'Committed')).toBe('go');
    points.close();
    expect(told).toEqual([
      'POST',
      '/reach',
      { point: 'source.answer', move, detail: 'Committed', pod: 'transship-agent-x', node: 'n1' },
    ]);
  });

  it.each(directives)('obeys %s', async (directive) => {
    const points = openFailPoints(await harness(answering(directive)), { pod: 'p' });
    expect(await points.reach('source.diverted', move)).toBe(directive);
    points.close();
  });

  it('waits for the answer', async () => {
    const answer = Promise.withResolvers<undefined>();
    const points = openFailPoints(
      await harness((request, response) => {
        request.resume();
        void answer.promise.then(() => response.end('{"directive":"fail"}'));
      }),
      { pod: 'p' },
    );
    const reached = points.reach('target.held', move);
    expect(await Promise.race([reached, new Promise((resolve) => setTimeout(resolve, 50, 'waits'))])).toBe('waits');
    answer.resolve(undefined);
    expect(await reached).toBe('fail');
    points.close();
  });

  it('keeps its connection', async () => {
    const ports = new Set<number | undefined>();
    const url = await harness((request, response) => {
      ports.add(request.socket.remotePort);
      answering('go')(request, response);
    });
    const points = openFailPoints(url, { pod: 'p' });
    for (let turn = 0; turn < 3; turn += 1) await points.reach('source.frozen', move);
    points.close();
    expect(ports.size).toBe(1);
  });

  it.each<[string, RequestListener]>([
    ['answers nonsense', (request, response) => void request.resume().on('end', () => response.end('no JSON'))],
    ['names a directive that nobody knows', answering('explode')],
    ['breaks off', (request) => void request.socket.destroy()],
  ])('goes on when the harness %s', async (_what, listener) => {
    const points = openFailPoints(await harness(listener), { pod: 'p' });
    expect(await points.reach('source.held', move)).toBe('go');
    points.close();
  });

  it('goes on when nobody listens there', async () => {
    const points = openFailPoints('http://127.0.0.1:9', { pod: 'p' });
    expect(await points.reach('source.held', move)).toBe('go');
    points.close();
  });
});
