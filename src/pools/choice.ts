import type { IPPool } from '../api/addresses.ts';
import { type Labels, requirementsOf, selects } from '../api/label-selector.ts';
import type { Pod } from '../api/pod.ts';

const isFor =
  (pod: Pod, namespaceLabels: Labels) =>
  ({ spec }: IPPool): boolean =>
    spec.disabled !== true &&
    selects(spec.namespaceSelector ?? {}, namespaceLabels) &&
    selects(spec.podSelector ?? {}, pod.metadata.labels ?? {});

/** What a pool selects by, from the least to the most specific, as MigrationPolicies are told apart. */
const gradeOf = ({ spec }: IPPool): number => {
  if (requirementsOf(spec.podSelector ?? {}) > 0) return 2;
  return requirementsOf(spec.namespaceSelector ?? {}) > 0 ? 1 : 0;
};

/**
 * The pools that a pod gets its address from, in the order in which they are
 * tried: of those that are for it the ones that select most closely, by name.
 * One that is full is followed by the next of the same grade and by no other:
 * whoever gave a namespace a pool of its own has rules of a firewall for it.
 * None: the pod gets an address of its node.
 */
export const poolsOf = (pod: Pod, namespaceLabels: Labels, pools: readonly IPPool[]): readonly IPPool[] => {
  const fit = pools.filter(isFor(pod, namespaceLabels));
  const best = Math.max(...fit.map(gradeOf));
  return fit.filter((pool) => gradeOf(pool) === best).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
};

/** Whether the labels of a pod's namespace have to be known to choose. */
export const asksForNamespaces = (pools: readonly IPPool[]): boolean =>
  pools.some(({ spec }) => requirementsOf(spec.namespaceSelector ?? {}) > 0);
