import { once } from 'node:events';
import { createServer, type TLSSocket } from 'node:tls';
import { agentServerTls, type AgentIdentity, peerNodeName } from '../../certs/agent-tls.ts';
import type { Log } from '../../log/log.ts';
import { type Channel, openChannel } from './channel.ts';
import type { Conversation } from './conversation.ts';

export interface Listener {
  readonly port: number;
  /** New connections are accepted with this certificate; open ones keep theirs. */
  renew(identity: AgentIdentity): void;
  close(): Promise<void>;
}

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly identity: AgentIdentity;
  readonly serve: (channel: Channel, peer: string) => Promise<void>;
  /** Made for each connection. */
  readonly converse?: (() => Conversation) | undefined;
  readonly log: Log;
}

/**
 * Tells a peer why it is not served. Node.js would close the connection without
 * a word, and the other side could not tell a wrong certificate from a crash.
 */
const refuse = async (socket: TLSSocket, log: Log): Promise<void> => {
  const why = socket.authorized ? 'its certificate is not that of an agent' : String(socket.authorizationError);
  log.warn({ why, peer: socket.remoteAddress }, 'Refused a connection that is not of an agent');
  await openChannel(socket).say({
    say: 'failed',
    reason: 'PeerNotTrusted',
    message: `The agent there does not trust the certificate of this one: ${why}`,
  });
};

/** Only whose certificate has been verified, and names a node, gets as far as `serve`. */
const attend = async (
  socket: TLSSocket,
  { serve, converse, log }: Pick<ListenOptions, 'serve' | 'converse' | 'log'>,
): Promise<void> => {
  const peer = socket.authorized ? peerNodeName(socket) : '';
  try {
    await (peer === '' ? refuse(socket, log) : serve(openChannel(socket, converse?.()), peer));
  } catch (error) {
    log.warn({ error, peer }, 'Could not serve another agent');
  } finally {
    socket.destroySoon();
  }
};

/** Takes connections of other agents. A peer without a certificate of ours does not get as far as `serve`. */
export const listenForAgents = async (options: ListenOptions): Promise<Listener> => {
  const { host, port, identity, log } = options;
  const open = new Set<TLSSocket>();
  // Verified all the same, and looked at in attend().
  const server = createServer({ ...agentServerTls(identity), rejectUnauthorized: false }, (socket) => {
    open.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => undefined); // the channel tells whoever reads from it
    void attend(socket, options);
  });
  server.on('tlsClientError', (error, socket) => {
    log.warn({ error, peer: socket.remoteAddress }, 'Refused a connection that is not of an agent');
  });
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    renew(next) {
      server.setSecureContext(agentServerTls(next));
    },
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};
