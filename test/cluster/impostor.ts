import { once } from 'node:events';
import { createServer, type TLSSocket } from 'node:tls';
import { network, nodeNamed } from '../../lab/cluster.ts';
import { outcomeInNode, runInNode } from '../../lab/node-exec.ts';
import { openChannel, type Channel } from '../../src/agent/transfer/channel.ts';
import { agentPort } from './agent-peer.ts';
import type { Papers } from './certificates.ts';

/** Somebody who answers in place of the agent of a node. */
export interface Impostor extends AsyncDisposable {
  /** Has anybody been misled by it? */
  readonly wasVisited: () => boolean;
}

export interface ImpostorOptions {
  /** The node whose agent it poses as. */
  readonly insteadOf: string;
  /** The node that is misled; all others reach the true agent. */
  readonly seenFrom: string;
  readonly papers: Papers;
  readonly serve: (channel: Channel, socket: TLSSocket) => Promise<void>;
}

const table = 'e2e-impostor';

const divert = (from: string, to: string, port: number): Promise<string> =>
  runInNode(from, ['nft', '-f', '-'], {
    input: `table ip ${table} {
      chain output {
        type nat hook output priority dstnat; policy accept;
        ip daddr ${nodeNamed(to).address} tcp dport ${String(agentPort)} dnat to ${network.hostAddress}:${String(port)}
      }
    }\n`,
  });

export const startImpostor = async (options: ImpostorOptions): Promise<Impostor> => {
  const { insteadOf, seenFrom, papers, serve } = options;
  const sockets = new Set<TLSSocket>();
  let visits = 0;
  const server = createServer({
    cert: papers.certPem,
    key: papers.keyPem,
    requestCert: true,
    rejectUnauthorized: false,
  });
  server.on('connection', () => (visits += 1));
  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined); // whom it misleads may hang up at any time
    serve(openChannel(socket), socket)
      .catch(() => undefined)
      .finally(() => socket.destroySoon());
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, network.hostAddress);
  await once(server, 'listening');
  const address = server.address();
  await divert(seenFrom, insteadOf, typeof address === 'object' && address ? address.port : 0);
  return {
    wasVisited: () => visits > 0,
    async [Symbol.asyncDispose]() {
      await outcomeInNode(seenFrom, ['nft', 'delete', 'table', 'ip', table]);
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
};
