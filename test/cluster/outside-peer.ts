import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { network } from '../../lab/cluster.ts';
import { outcomeInNode, runInNode } from '../../lab/node-exec.ts';

/** A server on the machine of the lab, which is no node, and who has connected to it. */
export interface OutsidePeer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Addresses of all that have ever connected, in their order. */
  seen(): readonly string[];
}

/** It says each line back. */
export const startOutsidePeer = async (): Promise<OutsidePeer> => {
  const seen: string[] = [];
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    seen.push(socket.remoteAddress ?? '');
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
    socket.pipe(socket);
  });
  server.listen(0, network.hostAddress);
  await once(server, 'listening');
  return {
    host: network.hostAddress,
    port: (server.address() as AddressInfo).port,
    seen: () => [...seen],
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};

const table = 'outside-peer';

/** On these nodes, as many networks do for what leaves the cluster; that of the lab does not. */
export const masquerade = async (nodes: readonly string[], { host, port }: OutsidePeer): Promise<AsyncDisposable> => {
  const rule = `ip daddr ${host} tcp dport ${port} ip saddr ${network.clusterCidr} masquerade`;
  const text = `table ip ${table} { chain out { type nat hook postrouting priority srcnat; ${rule}; }; }`;
  await Promise.all(nodes.map((node) => runInNode(node, ['nft', text])));
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map((node) => outcomeInNode(node, ['nft', 'delete', 'table', 'ip', table])));
    },
  };
};
