import { defaultPolicyName } from '../../../src/api/migration-policy.ts';
import { migrationPolicies } from '../../../src/api/resource.ts';
import type { KubeApi } from '../../../src/kube/api.ts';

/** Lets moves make so many further attempts, for as long as the stack lives. */
export const withRetries = async (api: KubeApi, retries: number, stack: AsyncDisposableStack): Promise<void> => {
  const key = { name: defaultPolicyName };
  const { spec } = await api.get(migrationPolicies, key);
  await api.patch(migrationPolicies, key, { spec: { retries } });
  stack.defer(async () => {
    await api.patch(migrationPolicies, key, { spec });
  });
};
