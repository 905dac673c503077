import { type MigrationNode, migrationNode } from '../api/migration-node.ts';
import { type Node, node } from '../api/pod.ts';

/** For tests: the time that all of them happen at. */
export const testTime = Date.parse('2026-01-01T00:00:00Z');

/** For tests: what the agent of a node that fits reported at {@link testTime}. */
export const agentOf = (name: string, status: object = {}): MigrationNode =>
  migrationNode.parse({
    metadata: { name, uid: `agent-${name}`, resourceVersion: '1' },
    status: {
      ready: true,
      heartbeatTime: new Date(testTime).toISOString(),
      runtime: 'containerd',
      runtimeVersion: '2.1.9',
      criuVersion: '4.2.1',
      kernelVersion: '6.18.0',
      cpuFeatures: ['avx', 'sse4_2'],
      address: '10.0.0.1',
      port: 7443,
      protocol: 1,
      freeMemoryBytes: 2 ** 30,
      ...status,
    },
  });

export const nodeNamed = (name: string, { spec = {}, status = {} }: { spec?: object; status?: object } = {}): Node =>
  node.parse({ metadata: { name, uid: `node-${name}`, resourceVersion: '1' }, spec, status });
