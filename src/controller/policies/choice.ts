import type { KubeObject } from '../../api/metadata.ts';
import type { MigrationPolicy, MigrationPolicySpec } from '../../api/migration-policy.ts';
import type { Migration } from '../../api/migration.ts';
import type { Pod } from '../../api/pod.ts';
import type { Lookup } from '../../kube/lookup.ts';
import { builtIn, type PolicyChoice, policyOf } from '../../migration/policy.ts';

/** The policy of a pod, from memory. */
export type PolicyOf = (pod: Pod) => PolicyChoice;

interface Known {
  readonly policies: Lookup<MigrationPolicy>;
  readonly namespaces: Lookup<KubeObject>;
}

export const policiesFrom =
  ({ policies, namespaces }: Known): PolicyOf =>
  (pod) => {
    const namespace = namespaces.get({ name: pod.metadata.namespace ?? 'default' });
    return policyOf(policies.items(), pod, namespace?.metadata.labels ?? {});
  };

/**
 * What holds now for a move that has been accepted: the policy that it was
 * accepted under, as it is now, or else that of its source.
 */
export const policyOfMove =
  (known: Known & { readonly pods: Lookup<Pod> }) =>
  ({ metadata: { namespace }, spec, status }: Migration): MigrationPolicySpec => {
    const name = status?.terms?.policy;
    const named = name === undefined ? undefined : known.policies.get({ name });
    if (named) return named.spec;
    const source = known.pods.get({ namespace, name: spec.podName });
    const choice = source ? policiesFrom(known)(source) : builtIn;
    return 'conflict' in choice ? builtIn.spec : choice.spec;
  };
