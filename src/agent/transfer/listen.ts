import { once } from 'node:events';
import { createServer, type TLSSocket } from 'node:tls';
import { agentServerTls, type AgentIdentity, peerNodeName } from '../../certs/agent-tls.ts';
import type { Log } from '../../log/log.ts';
import { type Channel, openChannel } from './channel.ts';

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
  readonly log: Log;
}

/** Takes connections of other agents. A peer without a certificate of ours does not get as far as `serve`. */
export const listenForAgents = async ({ host, port, identity, serve, log }: ListenOptions): Promise<Listener> => {
  const open = new Set<TLSSocket>();
  const server = createServer(agentServerTls(identity), (socket) => {
    open.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => undefined); // the channel tells whoever reads from it
    const peer = peerNodeName(socket);
    serve(openChannel(socket), peer)
      .catch((error: unknown) => {
        log.warn({ error, peer }, 'Could not serve another agent');
      })
      .finally(() => socket.destroySoon());
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
