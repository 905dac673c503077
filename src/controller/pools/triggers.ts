import type { Node } from '../../api/pod.ts';
import type { Key } from '../../kube/api.ts';
import { keyOf } from '../../kube/lookup.ts';
import type { KeyedQueue } from '../../kube/queue.ts';
import type { Caches } from '../caches.ts';

type Watched = Pick<Caches, 'pools' | 'leases' | 'nodes'>;

export const allPools = ({ pools }: Pick<Caches, 'pools'>): readonly Key[] => pools.items().map(keyOf);

/** A thousand pods that start are one change of their pool's numbers. */
const countingMs = 1_000;

const placeOf = ({ spec, status }: Node): string =>
  JSON.stringify([spec?.podCIDR, spec?.podCIDRs, status?.addresses?.map(({ address }) => address)]);

/** Writes down what is known of a name now. False: it was known already. */
const noted = (known: Map<string, string>, name: string, text: string | undefined): boolean => {
  if (known.get(name) === text) return false;
  if (text === undefined) known.delete(name);
  else known.set(name, text);
  return true;
};

/** When a pool is looked at: soon after its addresses are leased or given back, and at once when it, another one or a node has changed. */
export const triggerPools = (
  watched: Watched,
  queueNow: () => Pick<KeyedQueue, 'add' | 'addAfter'> | undefined,
): void => {
  const { pools, leases, nodes } = watched;
  const addAll = (): void => {
    for (const key of allPools(watched)) queueNow()?.add(key);
  };
  const specs = new Map<string, string>();
  pools.onChange(({ name }, pool) => {
    // Its status changes with each of its leases, and says nothing new of it.
    const spec = pool && JSON.stringify([pool.metadata.uid, pool.spec]);
    if (noted(specs, name, spec)) addAll();
  });
  leases.onChange(() => {
    for (const key of allPools(watched)) queueNow()?.addAfter(key, countingMs);
  });
  const places = new Map<string, string>();
  nodes.onChange(({ name }, node) => {
    // Heartbeats change a node every few seconds, and its addresses hardly ever.
    if (noted(places, name, node && placeOf(node))) addAll();
  });
};
