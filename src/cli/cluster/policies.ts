import { migrationPolicies } from '../../api/resource.ts';
import type { Pod } from '../../api/pod.ts';
import { namespaces } from '../../kube/builtin-resources.ts';
import { type PolicyChoice, policyOf } from '../../migration/policy/policy.ts';
import { UserError } from '../failure.ts';
import type { Session } from '../session.ts';
import { listAll } from './pages.ts';
import { ifPermitted } from './permitted.ts';

export interface Policies {
  readonly names: readonly string[];
  readonly of: (pod: Pod) => PolicyChoice;
}

const readPolicies = async (session: Session): Promise<Policies> => {
  const [policies, places] = await Promise.all([
    listAll(migrationPolicies, {}, session),
    listAll(namespaces, {}, session),
  ]);
  const labels = new Map(places.map(({ metadata }) => [metadata.name, metadata.labels ?? {}]));
  return {
    names: policies.map(({ metadata }) => metadata.name),
    of: (pod) => policyOf(policies, pod, labels.get(pod.metadata.namespace ?? 'default') ?? {}),
  };
};

/** Which policy holds for each pod. Undefined for a user who may not read policies or namespaces: both belong to the cluster. */
export const policiesIn = (session: Session): Promise<Policies | undefined> => ifPermitted(readPolicies(session));

/** The pods for which this policy holds. */
export const underPolicy = (pods: readonly Pod[], name: string, policies: Policies | undefined): readonly Pod[] => {
  if (!policies)
    throw new UserError(
      `which pods MigrationPolicy ${name} holds for cannot be told: you may not read MigrationPolicies and namespaces`,
    );
  if (!policies.names.includes(name))
    throw new UserError(`there is no MigrationPolicy ${name}: kubectl get migrationpolicies lists those there are`);
  return pods.filter((pod) => {
    const policy = policies.of(pod);
    return !('conflict' in policy) && policy.name === name;
  });
};
