import { nodes as labNodes } from '../../../lab/cluster.ts';
import { until } from '../../../lab/wait.ts';
import { systemNamespace } from '../../../src/api/group.ts';
import { fitnessOf } from '../../../src/api/migration-node.ts';
import { isReady, type Node, type Pod } from '../../../src/api/pod.ts';
import { migrationNodes, nodes, pods } from '../../../src/api/resource.ts';
import type { KubeApi } from '../../../src/kube/api.ts';

const limitMs = 90_000;

const component = 'app.kubernetes.io/component';

/** How many pods of each part of Transship there are when nothing is amiss. */
const wanted = { agent: labNodes.length, controller: 2, scheduler: 2 } as const;

const nodeTrouble = ({ metadata, spec, status }: Node & NodeConditions): string | undefined => {
  const ready = status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
  if (!ready) return `node ${metadata.name} is not ready`;
  return spec?.unschedulable === true ? `node ${metadata.name} is closed` : undefined;
};

interface NodeConditions {
  readonly status?:
    { readonly conditions?: readonly { readonly type: string; readonly status: string }[] | undefined } | undefined;
}

const podTroubles = (all: readonly Pod[]): readonly string[] =>
  Object.entries(wanted).flatMap(([name, count]) => {
    const ready = all.filter(
      (pod) =>
        pod.metadata.labels?.[component] === name && pod.metadata.deletionTimestamp === undefined && isReady(pod),
    );
    return ready.length >= count ? [] : [`${String(ready.length)} of ${String(count)} ${name}s are ready`];
  });

const troubles = async (api: KubeApi): Promise<readonly string[]> => {
  const [allNodes, ours, reports] = await Promise.all([
    api.list(nodes),
    api.list(pods, { namespace: systemNamespace }),
    api.list(migrationNodes),
  ]);
  const now = Date.now();
  const unfit = labNodes.flatMap(({ name }) => {
    const fitness = fitnessOf(
      reports.items.find(({ metadata }) => metadata.name === name),
      now,
    );
    return fitness.usable ? [] : [`node ${name}: ${fitness.why}`];
  });
  return [...allNodes.items.flatMap((node) => nodeTrouble(node) ?? []), ...podTroubles(ours.items), ...unfit];
};

/** Resolves when cluster and Transship are whole again, so that the next fault meets nothing but itself. */
export const untilUsable = async (api: KubeApi): Promise<void> => {
  let last: readonly string[] = [];
  await until({ what: 'the cluster to be whole', timeoutMs: limitMs, everyMs: 200 }, async () => {
    last = await troubles(api);
    return last.length === 0 ? true : undefined;
  }).catch((error: unknown) => {
    throw new Error(`the cluster is not whole again: ${last.join('; ')}`, { cause: error });
  });
};
