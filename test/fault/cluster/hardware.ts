import { nodes } from '../../../lab/cluster.ts';
import { runInNode } from '../../../lab/node-exec.ts';

/** A node that is started anew keeps its address. */
const learnHardware = async (name: string, known: Map<string, string>): Promise<void> => {
  const address = await runInNode(name, ['cat', '/sys/class/net/eth0/address']);
  known.set(address.trim().replaceAll(':', ''), name);
};

/** Hardware address, in hexadecimal digits without colons → node. */
export const hardwareOfNodes = async (): Promise<Map<string, string>> => {
  const known = new Map<string, string>();
  await Promise.all(nodes.map(({ name }) => learnHardware(name, known)));
  return known;
};
