import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrations, nodes, pods } from '../api/resource.ts';
import { ApiError, isConflict, isGone, isServerTrouble, isTooManyRequests } from './api-error.ts';
import type { WatchEvent } from './api.ts';
import { type ConfigMap, configMaps } from './builtin-resources.ts';
import { HttpApi } from './http-api.ts';
import { Transport } from './transport.ts';

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly contentType: string | undefined;
  readonly body: string;
}

type Handler = (response: http.ServerResponse, seen: Seen) => void;

let server: http.Server;
let agent: http.Agent;
let api: HttpApi;
let seen: Seen[];
let sockets: number;
let malformed: string[];
let warnings: string[];
let handler: Handler;

const map = (name: string, resourceVersion = '1') => ({
  metadata: { name, namespace: 'default', uid: 'u', resourceVersion },
});
const json =
  (code: number, body: unknown): Handler =>
  (response) => {
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };

beforeEach(async () => {
  seen = [];
  malformed = [];
  warnings = [];
  sockets = 0;
  server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const call = {
        method: request.method,
        url: request.url,
        contentType: request.headers['content-type'],
        body: Buffer.concat(chunks).toString(),
      };
      seen.push(call);
      handler(response, call);
    });
  });
  server.on('connection', () => (sockets += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  agent = new http.Agent({ keepAlive: true });
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/prefix`);
  const transport = new Transport({
    server: url,
    agent,
    authorize: () => Promise.resolve({ authorization: 'Bearer t' }),
    timeoutMs: 1_000,
    onWarning: (text) => warnings.push(text),
  });
  api = new HttpApi(transport, (resource, name) => malformed.push(`${resource}/${name}`));
});
afterEach(() => {
  agent.destroy();
  server.close();
  server.closeAllConnections();
});

const key = { namespace: 'default', name: 'a' };

describe('requests', () => {
  it('go to the path of their resource', async () => {
    handler = json(200, map('a'));
    await api.get(configMaps, key);
    await api.create(configMaps, 'default', { metadata: { name: 'a' } }, { dryRun: true });
    await api.patch(configMaps, key, { data: { x: '1' } }, { subresource: 'status', dryRun: true });
    await api.delete(configMaps, key, { uid: 'u', gracePeriodSeconds: 0 });
    expect(seen.map(({ method, url }) => `${method ?? ''} ${url ?? ''}`)).toEqual([
      'GET /prefix/api/v1/namespaces/default/configmaps/a',
      'POST /prefix/api/v1/namespaces/default/configmaps?dryRun=All',
      'PATCH /prefix/api/v1/namespaces/default/configmaps/a/status?dryRun=All',
      'DELETE /prefix/api/v1/namespaces/default/configmaps/a',
    ]);
    expect(JSON.parse(seen[1]?.body ?? '')).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
    expect(seen[2]?.contentType).toBe('application/merge-patch+json');
    expect(JSON.parse(seen[3]?.body ?? '')).toMatchObject({ preconditions: { uid: 'u' }, gracePeriodSeconds: 0 });
  });

  it('that create as a dry run are answered with an object that has no version', async () => {
    handler = json(201, { metadata: { name: 'a', namespace: 'default', uid: 'u' } });
    const created = await api.create(configMaps, 'default', { metadata: { name: 'a' } }, { dryRun: true });
    expect(created.metadata).toMatchObject({ name: 'a', resourceVersion: '' });
    await expect(api.create(configMaps, 'default', { metadata: { name: 'a' } })).rejects.toThrow('resourceVersion');
  });

  it('evict a pod, this very one, and tell which budget does not allow it', async () => {
    const causes = [{ reason: 'DisruptionBudget', message: 'The disruption budget web needs 1 healthy pods' }];
    handler = json(429, { reason: 'TooManyRequests', message: 'Cannot evict pod', details: { causes } });
    const error = await api.evict(key, 'u').catch((caught: unknown) => caught);
    expect(isTooManyRequests(error) && error.causes).toEqual(['The disruption budget web needs 1 healthy pods']);
    const [asked] = seen;
    expect(`${asked?.method ?? ''} ${asked?.url ?? ''}`).toBe('POST /prefix/api/v1/namespaces/default/pods/a/eviction');
    expect(JSON.parse(asked?.body ?? '')).toEqual({
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: key,
      deleteOptions: { preconditions: { uid: 'u' } },
    });
  });

  it('change single entries of a list where they are asked to', async () => {
    handler = json(200, map('n1'));
    await api.patch(nodes, { name: 'n1' }, { status: {} }, { subresource: 'status', strategic: true });
    expect(seen[0]).toMatchObject({
      url: '/prefix/api/v1/nodes/n1/status',
      contentType: 'application/strategic-merge-patch+json',
    });
  });

  it('pass on what the API server warns of', async () => {
    handler = (response) => {
      response.setHeader('warning', ['299 - "a"', '299 - "b"']).end(JSON.stringify(map('a')));
    };
    await api.get(configMaps, key);
    expect(warnings).toEqual(['a', 'b']);
  });

  it('one after the other use one connection, so that a commit needs no handshake', async () => {
    handler = json(200, map('a'));
    for (let n = 0; n < 5; n += 1) await api.get(configMaps, key);
    expect(sockets).toBe(1);
  });

  it.each<[string, number, unknown, (error: unknown) => boolean]>([
    ['a conflict', 409, { reason: 'Conflict', message: 'modified' }, isConflict],
    ['too many requests', 429, { reason: 'TooManyRequests', details: { retryAfterSeconds: 3 } }, isTooManyRequests],
    ['trouble of the server', 503, 'no JSON at all', isServerTrouble],
  ])('that are refused reject with %s', async (_name, code, body, predicate) => {
    handler = json(code, body);
    const error = await api.get(configMaps, key).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ApiError);
    expect(predicate(error)).toBe(true);
  });

  it('that get no answer end after the timeout', async () => {
    handler = () => undefined;
    await expect(api.get(configMaps, key)).rejects.toThrow('timeout');
  });

  it('end at once with the reason of their signal', async () => {
    const stop = new AbortController();
    handler = () => {
      stop.abort(new Error('enough'));
    };
    await expect(api.get(configMaps, key, stop.signal)).rejects.toThrow('enough');
  });

  it('leave out of a list what cannot be read, and say so', async () => {
    handler = json(200, {
      metadata: { resourceVersion: '7', continue: 'more' },
      items: [map('a'), { metadata: { name: 'odd' } }],
    });
    const page = await api.list(configMaps, { namespace: 'default', labelSelector: 'a=b', limit: 2 });
    expect(page.items.map((item) => item.metadata.name)).toEqual(['a']);
    expect(page).toMatchObject({ resourceVersion: '7', continueToken: 'more' });
    expect(malformed).toEqual(['configmaps/odd']);
    expect(seen[0]?.url).toBe('/prefix/api/v1/namespaces/default/configmaps?labelSelector=a%3Db&limit=2');
  });

  it('read a long list bit by bit, and let others have their turn between', async () => {
    handler = json(200, { metadata: { resourceVersion: '7' }, items: Array.from({ length: 500 }, () => ({})) });
    let isRead = false;
    let before = 0;
    let most = 0;
    const turn = (): void => {
      most = Math.max(most, malformed.length - before);
      before = malformed.length;
      if (!isRead) setImmediate(turn);
    };
    turn();
    await api.list(configMaps);
    isRead = true;
    expect(malformed).toHaveLength(500);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(25);
  });

  it('read the kinds of the cluster, too', async () => {
    handler = json(200, { metadata: { resourceVersion: '7' }, items: null });
    await api.list(nodes);
    await api.list(migrations);
    await api.list(pods, { fieldSelector: 'spec.nodeName=n1' });
    expect(seen.map(({ url }) => url)).toEqual([
      '/prefix/api/v1/nodes',
      '/prefix/apis/transship.dev/v1alpha1/migrations',
      '/prefix/api/v1/pods?fieldSelector=spec.nodeName%3Dn1',
    ]);
  });
});

const watched = async (signal = new AbortController().signal): Promise<WatchEvent<ConfigMap>[]> => {
  const events: WatchEvent<ConfigMap>[] = [];
  for await (const event of api.watch(configMaps, { resourceVersion: '1', timeoutSeconds: 60 }, signal))
    events.push(event);
  return events;
};

describe('a watch', () => {
  it('yields what comes, however it is cut into chunks, and ends with the server', async () => {
    const lines = [
      { type: 'ADDED', object: { ...map('ä', '2'), data: { x: 'ü' } } },
      { type: 'BOOKMARK', object: { kind: 'ConfigMap', metadata: { resourceVersion: '3' } } },
      { type: 'DELETED', object: map('ä', '4') },
    ];
    const bytes = Buffer.from(`${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
    handler = (response) => {
      response.writeHead(200);
      const send = (from: number): void => {
        if (from >= bytes.length) response.end();
        else response.write(bytes.subarray(from, from + 7), () => setImmediate(send, from + 7));
      };
      send(0);
    };
    const events = await watched();
    expect(
      events.map((event) =>
        'object' in event ? `${event.type} ${event.object.metadata.name}` : `${event.type} ${event.resourceVersion}`,
      ),
    ).toEqual(['ADDED ä', 'BOOKMARK 3', 'DELETED ä']);
    expect(seen[0]?.url).toContain('watch=true&allowWatchBookmarks=true&resourceVersion=1&timeoutSeconds=60');
  });

  it.each<[string, Handler]>([
    ['in its answer', json(410, { code: 410, reason: 'Expired', message: 'too old' })],
    [
      'in an event',
      (response) =>
        response.end(
          `${JSON.stringify({ type: 'ERROR', object: { code: 410, reason: 'Expired', message: 'too old' } })}\n`,
        ),
    ],
  ])('rejects when its place is forgotten, said %s', async (_name, answer) => {
    handler = answer;
    expect(isGone(await watched().catch((error: unknown) => error))).toBe(true);
  });

  it('throws the reason of its signal', async () => {
    const stop = new AbortController();
    handler = (response) => {
      response.writeHead(200).flushHeaders();
      response.write(`${JSON.stringify({ type: 'ADDED', object: map('a') })}\n`, () => {
        stop.abort(new Error('enough'));
      });
    };
    await expect(watched(stop.signal)).rejects.toThrow('enough');
  });

  it('rejects when the connection breaks', async () => {
    handler = (response) => {
      response.writeHead(200).flushHeaders();
      setImmediate(() => response.destroy());
    };
    await expect(watched()).rejects.toThrow();
  });
});

const logged = async (signal = new AbortController().signal): Promise<string[]> => {
  const lines: string[] = [];
  const selection = { container: 'agent', previous: true, sinceTime: '2026-01-01T00:00:00Z' };
  for await (const line of api.logLines(key, selection, signal)) lines.push(line);
  return lines;
};

describe('a log', () => {
  it('comes line by line, of the run that was asked for', async () => {
    handler = (response) => {
      response.writeHead(200, { 'content-type': 'text/plain' }).write('one\ntw');
      setImmediate(() => response.end('o\nthree'));
    };
    expect(await logged()).toEqual(['one', 'two', 'three']);
    expect(seen[0]?.url).toBe(
      '/prefix/api/v1/namespaces/default/pods/a/log?container=agent&previous=true&sinceTime=2026-01-01T00%3A00%3A00Z',
    );
  });

  it('rejects with what the server says when there is none', async () => {
    const message = 'previous terminated container "agent" in pod "a" not found';
    handler = json(400, { code: 400, reason: 'BadRequest', message });
    await expect(logged()).rejects.toMatchObject({ code: 400, message });
  });

  it('ends with its signal', async () => {
    const stop = new AbortController();
    handler = (response) => {
      response.writeHead(200).flushHeaders();
      response.write('one\n', () => {
        stop.abort(new Error('enough'));
      });
    };
    await expect(logged(stop.signal)).rejects.toThrow('enough');
  });
});
