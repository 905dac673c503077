import { defaultPolicyName, type WrittenPolicySpec } from '../../src/api/migration-policy.ts';
import { kubectl } from './kubectl.ts';

/** Changes the default policy, as an administrator does. Moves that have been accepted keep to what they were accepted under. */
export const changePolicy = async (spec: WrittenPolicySpec): Promise<void> => {
  await kubectl('patch', 'migrationpolicy', defaultPolicyName, '--type=merge', '-p', JSON.stringify({ spec }));
};
