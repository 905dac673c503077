import { connect, type TLSSocket } from 'node:tls';
import type { MigrationNode } from '../../api/migration-node.ts';
import { fitnessOf } from '../../api/migration-node.ts';
import { ReasonedError } from '../../api/reasons.ts';
import { agentClientTls, type AgentIdentity } from '../../certs/agent-tls.ts';
import type { Clock } from '../../clock/clock.ts';
import type { Lookup } from '../../kube/lookup.ts';

export interface DialPorts {
  readonly nodes: Lookup<MigrationNode>;
  readonly identity: () => AgentIdentity;
  readonly clock: Clock;
}

/** TLS and certificate errors of Node.js and OpenSSL; everything else means that nobody is there. */
const isTrustTrouble = (error: NodeJS.ErrnoException): boolean =>
  /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|ERR_OSSL)/.test(error.code ?? '') ||
  /certificate/i.test(error.message);

const blame = (node: string, error: NodeJS.ErrnoException): ReasonedError =>
  isTrustTrouble(error)
    ? new ReasonedError('PeerNotTrusted', `The agent of node ${node} is not trusted: ${error.message}`, {
        cause: error,
      })
    : new ReasonedError('PeerUnreachable', `The agent of node ${node} cannot be reached: ${error.message}`, {
        cause: error,
      });

/** An authenticated connection to the agent of a node; TLS 1.3, both sides show certificates. */
export const dialAgent = async (
  { nodes, identity, clock }: DialPorts,
  node: string,
  signal: AbortSignal,
): Promise<TLSSocket> => {
  const fitness = fitnessOf(nodes.get({ name: node }), clock.now());
  if (!fitness.usable)
    throw new ReasonedError('PeerUnreachable', `The agent of node ${node} cannot be used: ${fitness.why}`);
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const socket = connect({
    ...agentClientTls(identity(), node),
    host: fitness.status.address,
    port: fitness.status.port,
  });
  const abort = () => {
    reject(blame(node, signal.reason as Error));
  };
  signal.addEventListener('abort', abort, { once: true });
  socket.once('secureConnect', () => {
    resolve(undefined);
  });
  socket.once('error', (error: NodeJS.ErrnoException) => {
    reject(blame(node, error));
  });
  try {
    await promise;
    socket.setNoDelay(true); // frames are small and waited for
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
};
