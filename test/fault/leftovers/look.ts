import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodes as labNodes } from '../../../lab/cluster.ts';
import { runInNode } from '../../../lab/node-exec.ts';
import type { Pod } from '../../../src/api/pod.ts';
import { ipLeases, migrations, nodes, pods } from '../../../src/api/resource.ts';
import type { KubeApi } from '../../../src/kube/api.ts';
import { frozenCgroupsOf } from '../../cluster/node-kernel.ts';
import { namespaceOf } from '../workload/deployment.ts';
import { type Leftovers, leftoversOf, type NodeFindings, readFindings, type Survivor } from './findings.ts';
import { hasLease, type LaneObjects, objectLeftovers, survivorOf } from './objects.ts';
import { processesOfMoves, tickersOn } from './processes.ts';

const probe = await readFile(join(import.meta.dirname, 'probe.sh'), 'utf8');

const addresses: ReadonlyMap<string, string> = new Map(labNodes.map(({ name, address }) => [name, address]));

const laneObjects = async (api: KubeApi, lane: number): Promise<LaneObjects> => {
  const namespace = namespaceOf(lane);
  const [ofPods, ofMigrations, ofLeases, ofNodes] = await Promise.all([
    api.list(pods, { namespace }),
    api.list(migrations, { namespace }),
    api.list(ipLeases),
    api.list(nodes),
  ]);
  return {
    pods: ofPods.items,
    migrations: ofMigrations.items,
    leases: ofLeases.items.filter(({ spec }) => spec.podNamespace === namespace),
    ranges: new Map(ofNodes.items.map(({ metadata: { name }, spec }) => [name, spec?.podCIDR ?? ''])),
  };
};

const survivor = (pod: Pod, objects: LaneObjects): Survivor => ({
  node: pod.spec.nodeName ?? '',
  ip: pod.status?.podIP ?? '',
  isLeased: hasLease(pod, objects),
  containers: (pod.status?.containerStatuses ?? []).map(({ containerID = '' }) => containerID.split('//').at(-1) ?? ''),
});

const findingsOn = async (node: string, lane: number): Promise<NodeFindings> =>
  readFindings(node, await runInNode(node, ['sh', '-s', String(lane)], { input: probe, timeoutMs: 10_000 }));

/** A node of the other lane may just be dead; it has no ways then that could be wrong. */
const findingsOnAll = async (lane: number, pair: readonly string[]): Promise<readonly NodeFindings[]> => {
  const found = await Promise.all(
    labNodes.map(({ name }) =>
      pair.includes(name) ? findingsOn(name, lane) : findingsOn(name, lane).catch(() => undefined),
    ),
  );
  return found.filter((each) => each !== undefined);
};

const frozenOn = async (node: string): Promise<readonly string[]> =>
  (await frozenCgroupsOf(node)).map((folder) => `${node}: frozen ${folder}`);

/** How many instances of the lane's program there are on all nodes, whatever the API server knows of them. */
const instances = (lane: number): readonly string[] => {
  const counts = labNodes.map(({ name }) => [name, tickersOn(name, lane)] as const).filter(([, count]) => count > 0);
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  return total === 1 ? [] : [`${String(total)} programs (${counts.map(([name]) => name).join(', ')})`];
};

/** Everything that a finished move of a lane has left, on its two nodes and in the API server. */
export const lookForLeftovers = async (
  api: KubeApi,
  { lane, pair }: { readonly lane: number; readonly pair: readonly string[] },
): Promise<Leftovers> => {
  const objects = await laneObjects(api, lane);
  const ofObjects = objectLeftovers(objects);
  const pod = survivorOf(objects);
  if (!pod) return ofObjects;
  const [findings, ...frozen] = await Promise.all([findingsOnAll(lane, pair), ...pair.map(frozenOn)]);
  const onNodes = leftoversOf(findings, { pair, survivor: survivor(pod, objects), addresses });
  const processes = pair.flatMap((node) => processesOfMoves(node).map((each) => `${node}: ${each}`));
  return {
    now: [...ofObjects.now, ...onNodes.now, ...frozen.flat(), ...processes, ...instances(lane)],
    lingering: [...ofObjects.lingering, ...onNodes.lingering],
  };
};
