import type { Pod } from '../api/pod.ts';
import { migrationPolicies } from '../api/resource.ts';
import { isForbidden, isNotFound } from '../kube/api-error.ts';
import { namespaces } from '../kube/builtin-resources.ts';
import { type PolicyChoice, policyOf } from '../migration/policy.ts';
import type { Session } from './session.ts';

const namespaceLabels = async (name: string, { api, signal }: Session): Promise<Readonly<Record<string, string>>> => {
  try {
    return (await api.get(namespaces, { name }, signal)).metadata.labels ?? {};
  } catch (error) {
    if (isNotFound(error)) return {};
    throw error;
  }
};

/** The policy of a pod. Undefined for a user who may not read policies or the namespace: both belong to the cluster. */
export const policyFor = async (pod: Pod, session: Session): Promise<PolicyChoice | undefined> => {
  const { api, namespace, signal } = session;
  try {
    const [{ items }, labels] = await Promise.all([
      api.list(migrationPolicies, {}, signal),
      namespaceLabels(namespace, session),
    ]);
    return policyOf(items, pod, labels);
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
};
