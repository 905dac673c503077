import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { certificatesIn } from '../certs/inspect.ts';
import { issueAuthority, issueLeaf } from '../certs/issue.ts';
import { webhookProfile } from '../certs/profile.ts';
import { serveHealth } from './health-server.ts';
import { HttpsServer } from './https-server.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const shown = async (port: number, ca: string): Promise<{ serial: string; body: string }> => {
  const request = https.get({
    host: '127.0.0.1',
    port,
    ca,
    servername: 'transship.transship-system.svc',
    agent: false,
  });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const { socket } = response;
  const serial = (socket instanceof TLSSocket && socket.getPeerX509Certificate()?.serialNumber) || '';
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return { serial, body: Buffer.concat(chunks).toString() };
};

describe('the HTTPS server', () => {
  it('begins with its first certificate and shows the next one without a restart', async () => {
    const authority = await issueAuthority(Date.now());
    const [first, second] = await Promise.all([1, 2].map(() => issueLeaf(webhookProfile, authority, Date.now())));
    const server = new HttpsServer((_request, response) => response.end('hello'), 0, '127.0.0.1');
    closing.push(() => server.close(100));
    expect(server.isListening).toBe(false);
    for (const each of [first, second]) {
      if (!each) throw new Error('no certificate');
      server.use({ cert: each.certPem, key: each.keyPem });
      await server.begun();
      const { serial, body } = await shown(server.port, authority.certPem);
      expect(body).toBe('hello');
      expect(serial).toBe(certificatesIn(each.certPem)[0]?.serialNumber);
    }
  });
});

describe('the health server', () => {
  it('says that it lives, and whether it can answer rightly', async () => {
    let why: string | undefined = 'the caches are not filled yet';
    const health = await serveHealth(0, () => why, '127.0.0.1');
    closing.push(() => health.close());
    const ask = async (path: string): Promise<string> => {
      const response = await fetch(`http://127.0.0.1:${health.port}${path}`);
      return `${response.status} ${(await response.text()).trim()}`;
    };
    expect(await ask('/healthz')).toBe('200 ok');
    expect(await ask('/readyz')).toBe('503 the caches are not filled yet');
    why = undefined;
    expect(await ask('/readyz')).toBe('200 ok');
    expect(await ask('/metrics')).toBe('404 not found');
  });
});
