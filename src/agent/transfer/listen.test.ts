import { once } from 'node:events';
import { connect } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { agentClientTls, type AgentIdentity } from '../../certs/agent-tls.ts';
import { type Issued, issueAuthority, issueLeaf } from '../../certs/issue.ts';
import { agentProfile } from '../../certs/profile.ts';
import { silentLog } from '../../log/log.ts';
import { openChannel } from './channel.ts';
import { type Listener, listenForAgents } from './listen.ts';

const anAuthority = (): Promise<Issued> => issueAuthority(Date.now());

const anAgentIdentity = async (authority: Issued, node: string, issuedAt = Date.now()): Promise<AgentIdentity> => ({
  ...(await issueLeaf(agentProfile(node, ['127.0.0.1']), authority, issuedAt)),
  caPem: authority.certPem,
  notAfter: 0,
});

const never = new AbortController().signal;
let listener: Listener | undefined;
afterEach(() => listener?.close());

/** What the agent of node b answers to whoever shows this identity. */
const answerTo = async (server: AgentIdentity, client: Partial<AgentIdentity>) => {
  const served: string[] = [];
  listener = await listenForAgents({
    host: '127.0.0.1',
    port: 0,
    identity: server,
    log: silentLog,
    serve: async (channel, peer) => {
      served.push(peer);
      await channel.say({ say: 'ready' });
    },
  });
  const tls = agentClientTls({ certPem: '', keyPem: '', caPem: server.caPem, ...client }, 'b');
  const { cert, key, ...anonymous } = tls;
  const shown = client.certPem === undefined ? anonymous : { ...anonymous, cert, key };
  const socket = connect({ ...shown, host: '127.0.0.1', port: listener.port });
  await once(socket, 'secureConnect');
  const channel = openChannel(socket);
  const answer = await channel.expect('ready', never).then(
    () => 'ready',
    (error: unknown) => error,
  );
  socket.destroy();
  return { answer, served };
};

describe('the agent that takes images', () => {
  it('serves the agent of another node, by the name in its certificate', async () => {
    const authority = await anAuthority();
    const [server, client] = [await anAgentIdentity(authority, 'b'), await anAgentIdentity(authority, 'a')];
    expect(await answerTo(server, client)).toEqual({ answer: 'ready', served: ['a'] });
  });

  it('refuses a certificate of another authority, and says so', async () => {
    const server = await anAgentIdentity(await anAuthority(), 'b');
    const stranger = await anAgentIdentity(await anAuthority(), 'a');
    const { answer, served } = await answerTo(server, { certPem: stranger.certPem, keyPem: stranger.keyPem });
    expect(answer).toMatchObject({ reason: 'PeerNotTrusted' });
    expect(served).toEqual([]);
  });

  it('refuses a certificate that has expired', async () => {
    const authority = await anAuthority();
    const server = await anAgentIdentity(authority, 'b');
    const expired = await anAgentIdentity(authority, 'a', Date.now() - 30 * 86_400_000);
    const { answer, served } = await answerTo(server, expired);
    expect(answer).toMatchObject({
      reason: 'PeerNotTrusted',
      message: expect.stringContaining('CERT_HAS_EXPIRED') as string,
    });
    expect(served).toEqual([]);
  });

  it('refuses a peer without a certificate', async () => {
    const { answer, served } = await answerTo(await anAgentIdentity(await anAuthority(), 'b'), {});
    expect(answer).toMatchObject({ reason: 'PeerNotTrusted' });
    expect(served).toEqual([]);
  });
});
