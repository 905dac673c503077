import { type LabelSelector, selects } from '../../api/label-selector.ts';
import type { KubeObject } from '../../api/metadata.ts';
import type { MigrationPolicy } from '../../api/migration-policy.ts';
import type { Pod } from '../../api/pod.ts';
import type { Finding } from '../../api/reasons.ts';

/** What policies select from. */
export interface Selectable {
  readonly namespaces: readonly KubeObject[];
  readonly pods: readonly Pod[];
}

const isSelected =
  (selector: LabelSelector = {}) =>
  ({ metadata }: KubeObject): boolean =>
    selects(selector, metadata.labels ?? {});

const nothing = ({ metadata: { name } }: MigrationPolicy, why: string): Finding => ({
  reason: 'PolicySelectsNothing',
  message: `MigrationPolicy ${name} holds for no pod: ${why}`,
});

/**
 * Says so when the selectors of a policy select nothing as the cluster is now.
 * Its pods may be yet to come, so it is no mistake as such; but a label that is
 * written otherwise would leave pods to another policy without a word.
 */
export const reachlessness = (policy: MigrationPolicy, { namespaces, pods }: Selectable): Finding | undefined => {
  const { namespaceSelector, podSelector } = policy.spec;
  const within = namespaces.filter(isSelected(namespaceSelector));
  if (within.length === 0)
    return nothing(
      policy,
      `its namespaceSelector selects none of the ${namespaces.length} namespaces; compare it with kubectl get namespaces --show-labels`,
    );
  const names = new Set(within.map(({ metadata }) => metadata.name));
  const candidates = pods.filter(({ metadata }) => names.has(metadata.namespace ?? 'default'));
  if (podSelector === undefined || candidates.some(isSelected(podSelector))) return undefined;
  const where = namespaceSelector === undefined ? '' : ' in the namespaces that its namespaceSelector selects';
  return nothing(
    policy,
    `its podSelector selects none of the ${candidates.length} pods${where}; compare it with kubectl get pods -A --show-labels`,
  );
};
