import { readFile } from 'node:fs/promises';
import { freemem } from 'node:os';
import { apiVersion } from '../../api/group.ts';
import { agentLabel } from '../../api/names.ts';
import { heartbeatPeriodMs, type Masqueraded, type MigrationNodeStatus } from '../../api/migration-node.ts';
import { migrationNodes, nodes } from '../../api/resource.ts';
import type { Clock } from '../../clock/clock.ts';
import { isAlreadyExists } from '../../kube/api-error.ts';
import type { KubeApi } from '../../kube/api.ts';
import type { Log } from '../../log/log.ts';
import { freeImageBytes } from '../checkpoint/image-directory.ts';
import { inHost, run } from '../host/command.ts';
import type { RuntimePort } from '../runtime/port.ts';
import { protocolVersion } from '../transfer/frame.ts';

export interface ReportPorts {
  readonly api: KubeApi;
  readonly runtime: RuntimePort;
  readonly here: string;
  readonly address: string;
  readonly port: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Connections of pods here that would end if they moved. */
  readonly masqueraded: (signal: AbortSignal) => Promise<Masqueraded[]>;
}

type NodeFacts = Omit<MigrationNodeStatus, 'heartbeatTime' | 'freeMemoryBytes'>;

/** A kernel may track very many connections: it is asked with every so many reports. */
const reportsBetween = 3;

const cpuFeatures = async (): Promise<string[]> => {
  const text = await readFile('/proc/cpuinfo', 'utf8');
  const line = text.split('\n').find((l) => l.startsWith('flags') || l.startsWith('Features'));
  return (line?.split(':')[1]?.trim().split(/\s+/) ?? []).toSorted();
};

/** What does not change while the agent runs. `criu check` tells whether the kernel has what CRIU needs. */
export const gatherNode = async (ports: ReportPorts, signal: AbortSignal): Promise<NodeFacts> => {
  const check = run(inHost(['criu', 'check']), { signal }).then(
    () => undefined,
    (error: unknown) => `CRIU cannot work on node ${ports.here}: ${(error as Error).message}`,
  );
  const [message, version, runtimeVersion, kernelVersion, features] = await Promise.all([
    check,
    run(inHost(['criu', '--version']), { signal }).catch(() => ''), // the check says what is wrong
    ports.runtime.version(signal),
    readFile('/proc/sys/kernel/osrelease', 'utf8'),
    cpuFeatures(),
  ]);
  return {
    ready: message === undefined,
    ...(message !== undefined && { message }),
    runtime: ports.runtime.name,
    runtimeVersion,
    criuVersion: /Version: (\S+)/.exec(version)?.[1] ?? '',
    kernelVersion: kernelVersion.trim(),
    cpuFeatures: features,
    address: ports.address,
    port: ports.port,
    protocol: protocolVersion,
  };
};

const write = async ({ api, here, clock }: ReportPorts, facts: NodeFacts, signal: AbortSignal): Promise<void> => {
  // An image lies in memory beside the restored pod, so there must be room for both.
  const freeMemoryBytes = Math.min(freemem(), await freeImageBytes());
  const status: MigrationNodeStatus = { ...facts, heartbeatTime: new Date(clock.now()).toISOString(), freeMemoryBytes };
  await api.patch(migrationNodes, { name: here }, { status }, { subresource: 'status' }, signal);
};

/** Creates the node's MigrationNode, labels the node as prepared, and renews the report until `signal` aborts. */
export const reportNode = async (ports: ReportPorts, facts: NodeFacts, signal: AbortSignal): Promise<void> => {
  await ports.api
    .create(
      migrationNodes,
      undefined,
      { apiVersion, kind: 'MigrationNode', metadata: { name: ports.here } },
      {},
      signal,
    )
    .catch((error: unknown) => {
      if (!isAlreadyExists(error)) throw error;
    });
  await ports.api.patch(nodes, { name: ports.here }, { metadata: { labels: { [agentLabel]: 'true' } } }, {}, signal);
  for (let reports = 0; !signal.aborted; reports += 1) {
    const masqueraded = reports % reportsBetween === 0 ? await ports.masqueraded(signal) : undefined;
    await write(ports, { ...facts, ...(masqueraded && { masqueraded }) }, signal).catch((error: unknown) => {
      ports.log.warn({ error }, 'Could not renew the MigrationNode');
    });
    await ports.clock.sleep(heartbeatPeriodMs, signal).catch(() => undefined); // the loop's condition ends it
  }
};
