import type { KubeObject } from '../../api/metadata.ts';
import type { MigrationPolicy, MigrationPolicySpec } from '../../api/migration-policy.ts';
import type { Migration } from '../../api/migration.ts';
import type { Pod } from '../../api/pod.ts';
import type { Lookup } from '../../kube/lookup.ts';
import { builtIn, type PolicyChoice, policyOf } from '../../migration/policy/policy.ts';

/** The policy of a pod, from memory. */
export type PolicyOf = (pod: Pod) => PolicyChoice;

interface Known {
  readonly policies: Lookup<MigrationPolicy>;
  readonly namespaces: Lookup<KubeObject>;
}

interface Chosen {
  readonly among: readonly MigrationPolicy[];
  readonly within: KubeObject | undefined;
  readonly choice: PolicyChoice;
}

/** A choice holds until the pod, its namespace or a policy changes: a queue asks for each of its pods again and again. */
export const policiesFrom = ({ policies, namespaces }: Known): PolicyOf => {
  const chosen = new WeakMap<Pod, Chosen>();
  return (pod) => {
    const [among, within] = [policies.items(), namespaces.get({ name: pod.metadata.namespace ?? 'default' })];
    const known = chosen.get(pod);
    if (known?.among === among && known.within === within) return known.choice;
    const choice = policyOf(among, pod, within?.metadata.labels ?? {});
    chosen.set(pod, { among, within, choice });
    return choice;
  };
};

/**
 * What holds now for a move that has been accepted: the policy that it was
 * accepted under, as it is now, or else that of its source.
 */
export const policyOfMove = (known: Known & { readonly pods: Lookup<Pod> }) => {
  const policyOf = policiesFrom(known);
  return ({ metadata: { namespace }, spec, status }: Migration): MigrationPolicySpec => {
    const name = status?.terms?.policy;
    const named = name === undefined ? undefined : known.policies.get({ name });
    if (named) return named.spec;
    const source = known.pods.get({ namespace, name: spec.podName });
    const choice = source ? policyOf(source) : builtIn;
    return 'conflict' in choice ? builtIn.spec : choice.spec;
  };
};
