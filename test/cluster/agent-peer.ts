import { once } from 'node:events';
import { connect, type ConnectionOptions } from 'node:tls';
import { nodeNamed } from '../../lab/cluster.ts';
import { agentClientTls } from '../../src/certs/agent-tls.ts';
import { encodeMessage, type Message, protocolVersion } from '../../src/agent/transfer/frame.ts';
import type { Papers } from './certificates.ts';

export const agentPort = 7443;
const answerLimitMs = 12_000;

export const helloFor = (migrationUID: string): Buffer =>
  encodeMessage({ say: 'hello', protocol: protocolVersion, migrationUID, attempt: 1, mapped: [] } satisfies Message);

/** Connects to the agent of a node, sends some bytes, and returns what the agent said until it closed the connection. */
export const knock = async (node: string, papers: Papers | undefined, ...bytes: readonly Buffer[]): Promise<string> => {
  const asAgent: ConnectionOptions = papers ? agentClientTls(papers, node) : { rejectUnauthorized: false };
  const socket = connect({ ...asAgent, host: nodeNamed(node).address, port: agentPort });
  const { promise: closed, resolve, reject } = Promise.withResolvers<undefined>();
  const said: Buffer[] = [];
  socket
    .on('data', (chunk: Buffer) => said.push(chunk))
    .on('error', () => undefined) // a TLS alert, and then it is closed
    .on('close', () => {
      resolve(undefined);
    })
    .setTimeout(answerLimitMs, () => {
      reject(new Error(`the agent of ${node} neither answers nor closes the connection`));
    });
  for (const part of bytes) socket.write(part);
  try {
    await closed;
  } finally {
    socket.destroy();
  }
  return Buffer.concat(said).toString('utf8');
};

/** Connects, sends these bytes, and breaks the connection off at once. */
export const knockAndRun = async (node: string, papers: Papers, bytes: Buffer): Promise<void> => {
  const socket = connect({ ...agentClientTls(papers, node), host: nodeNamed(node).address, port: agentPort });
  await once(socket, 'secureConnect');
  socket.write(bytes);
  socket.destroySoon();
  await once(socket, 'close', { signal: AbortSignal.timeout(answerLimitMs) });
};
