import { once } from 'node:events';
import { connect, createServer, type Server, type TLSSocket } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { agentClientTls, agentServerTls, peerNodeName } from './agent-tls.ts';
import { type Issued, issueAuthority, issueLeaf } from './issue.ts';
import { agentProfile, webhookProfile } from './profile.ts';

interface Side {
  readonly certPem: string;
  readonly keyPem: string;
  readonly caPem: string;
}

let authority: Issued;
let a: Side;
let b: Side;
const open: (Server | TLSSocket)[] = [];

const sideOf = async (signer: Issued, node: string, now = Date.now()): Promise<Side> => ({
  ...(await issueLeaf(agentProfile(node, ['127.0.0.1']), signer, now)),
  caPem: authority.certPem,
});

beforeAll(async () => {
  authority = await issueAuthority(Date.now());
  [a, b] = await Promise.all([sideOf(authority, 'a'), sideOf(authority, 'b')]);
});

afterEach(() => {
  for (const each of open.splice(0))
    if ('close' in each) each.close();
    else each.destroy();
});

/** What each side learns of the other, or why the connection did not come to be. */
const meet = async (client: Side, server: Side, expected: string): Promise<string> => {
  const listening = createServer(agentServerTls(server));
  open.push(listening);
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const met = new Promise<string>((resolve) => {
    listening.on('secureConnection', (socket) => {
      socket.on('error', () => undefined);
      resolve(`${peerNodeName(socket)} called ${expected} over ${socket.getProtocol() ?? ''}`);
      socket.end();
    });
    listening.on('tlsClientError', (error) => {
      resolve(`the server refused: ${(error as NodeJS.ErrnoException).code ?? error.message}`);
    });
  });
  const socket = connect({
    ...agentClientTls(client, expected),
    host: '127.0.0.1',
    port: (listening.address() as AddressInfo).port,
  });
  open.push(listening);
  const refused = new Promise<string>((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(`the client refused: ${error.code ?? ''}`);
    });
  });
  const ready = once(socket, 'secureConnect').then(
    () => met,
    () => refused,
  );
  const said = await Promise.race([ready, refused]);
  socket.destroy();
  return said;
};

describe('two agents', () => {
  it('meet over TLS 1.3 and know each other by node', async () => {
    expect(await meet(a, b, 'b')).toBe('a called b over TLSv1.3');
  });

  it('do not meet when the other is that of another node', async () => {
    expect(await meet(a, b, 'c')).toBe('the client refused: ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('do not meet when the called one shows the certificate of a stranger', async () => {
    const stranger = await sideOf(await issueAuthority(Date.now()), 'b');
    expect(await meet(a, stranger, 'b')).toMatch(/^the client refused: (UNABLE_TO_|SELF_SIGNED|CERT_)/);
  });

  it('do not meet when the calling one shows the certificate of a stranger', async () => {
    const stranger = await sideOf(await issueAuthority(Date.now()), 'a');
    expect(await meet({ ...stranger, caPem: authority.certPem }, b, 'b')).toMatch(/refused/);
  });

  it('do not meet when the certificate has expired', async () => {
    const expired = await sideOf(authority, 'b', Date.now() - 30 * 86_400_000);
    expect(await meet(a, expired, 'b')).toBe('the client refused: CERT_HAS_EXPIRED');
  });

  it('do not take the certificate of the webhook for that of an agent', async () => {
    const webhook = { ...(await issueLeaf(webhookProfile, authority, Date.now())), caPem: authority.certPem };
    expect(await meet(a, webhook, 'b')).toMatch(/^the client refused/);
    expect(await meet(webhook, b, 'b')).toMatch(/refused/);
  });
});
