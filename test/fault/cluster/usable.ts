import { controlPlane, nodes as labNodes } from '../../../lab/cluster.ts';
import { until } from '../../../lab/wait.ts';
import { systemNamespace } from '../../../src/api/group.ts';
import { fitnessOf } from '../../../src/api/migration-node.ts';
import { isReady, type Node, type Pod } from '../../../src/api/pod.ts';
import { migrationNodes, nodes, pods } from '../../../src/api/resource.ts';
import type { KubeApi } from '../../../src/kube/api.ts';

const limitMs = 90_000;
/** Of an image of the workload, many times. */
const roomBytes = 256 * 1024 ** 2;

const nodeNames = labNodes.map(({ name }) => name);

const component = 'app.kubernetes.io/component';

/** How many pods of each part of Transship there are when nothing is amiss: the overlay keeps all but agents on one node. */
const wanted = (nodeCount: number) => ({ agent: nodeCount, controller: 2, scheduler: 2 });

const nodeTrouble = ({ metadata, spec, status }: Node & NodeConditions): string | undefined => {
  const ready = status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
  if (!ready) return `node ${metadata.name} is not ready`;
  return spec?.unschedulable === true ? `node ${metadata.name} is closed` : undefined;
};

interface NodeConditions {
  readonly status?:
    { readonly conditions?: readonly { readonly type: string; readonly status: string }[] | undefined } | undefined;
}

const podTroubles = (all: readonly Pod[], nodeCount: number): readonly string[] =>
  Object.entries(wanted(nodeCount)).flatMap(([name, count]) => {
    const ready = all.filter(
      (pod) =>
        pod.metadata.labels?.[component] === name && pod.metadata.deletionTimestamp === undefined && isReady(pod),
    );
    return ready.length >= count ? [] : [`${String(ready.length)} of ${String(count)} ${name}s are ready`];
  });

const troubles = async (api: KubeApi, names: readonly string[]): Promise<readonly string[]> => {
  const [allNodes, ours, reports] = await Promise.all([
    api.list(nodes),
    api.list(pods, { namespace: systemNamespace }),
    api.list(migrationNodes),
  ]);
  const now = Date.now();
  const unfit = names.flatMap((name) => {
    const fitness = fitnessOf(
      reports.items.find(({ metadata }) => metadata.name === name),
      now,
    );
    if (!fitness.usable) return [`node ${name}: ${fitness.why}`];
    // What was full a moment ago is told as full until the next heartbeat, and a scheduler that has heard it asks no more.
    return fitness.status.freeMemoryBytes < roomBytes ? [`node ${name} has no room for images`] : [];
  });
  const mine = allNodes.items.filter(({ metadata }) => names.includes(metadata.name));
  const pending = ours.items.filter(({ spec }) => spec.nodeName === undefined || names.includes(spec.nodeName));
  return [...mine.flatMap((node) => nodeTrouble(node) ?? []), ...podTroubles(pending, names.length), ...unfit];
};

/**
 * Resolves when Transship and these nodes of the cluster are whole again, so
 * that the next fault meets nothing but itself. Without names, all nodes.
 */
export const untilUsable = async (api: KubeApi, pair?: readonly string[]): Promise<void> => {
  const names = pair ? [controlPlane.name, ...pair] : nodeNames;
  let last: readonly string[] = [];
  await until({ what: 'the cluster to be whole', timeoutMs: limitMs, everyMs: 200 }, async () => {
    last = await troubles(api, names);
    return last.length === 0 ? true : undefined;
  }).catch((error: unknown) => {
    throw new Error(`the cluster is not whole again: ${last.join('; ')}`, { cause: error });
  });
};
