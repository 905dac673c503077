import type { MigrationNode } from '../api/migration-node.ts';
import { migrationNodes } from '../api/resource.ts';
import { reasons } from '../api/reasons.ts';
import { isNotFound } from '../kube/api-error.ts';
import { findingsOf } from '../migration/eligibility.ts';
import { builtIn, type PolicyChoice, policyText } from '../migration/policy.ts';
import { podNamed } from './pod.ts';
import { policyFor } from './policy.ts';
import type { Session } from './session.ts';

const agentOf = async (nodeName: string | undefined, { api, signal }: Session): Promise<MigrationNode | undefined> => {
  if (nodeName === undefined) return undefined;
  try {
    return await api.get(migrationNodes, { name: nodeName }, signal);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
};

const underPolicy = (policy: PolicyChoice | undefined): string =>
  policy === undefined || 'conflict' in policy
    ? 'which MigrationPolicy holds for it cannot be told, because you may not read MigrationPolicies or the namespace'
    : `${policyText(policy)} holds for it`;

/** Every reason against a move, in the words of the Migration's conditions and events. Ends with 1 when there is one. */
export const check = async (name: string, session: Session): Promise<number> => {
  const { terminal, clock, namespace } = session;
  const pod = await podNamed(name, session);
  const policy = await policyFor(pod, session);
  const sourceNode = await agentOf(pod.spec.nodeName, session);
  const findings = findingsOf({ pod, sourceNode, policy: policy ?? builtIn, now: clock.now() });
  if (findings.length === 0) {
    terminal.out(`pod/${name} can be moved, as far as its specification tells; its processes are looked at when it is`);
    terminal.out(underPolicy(policy));
    return 0;
  }
  terminal.out(`pod/${name} in namespace ${namespace} cannot be moved:`);
  for (const { reason, message } of findings) {
    terminal.out(`  ${reason}: ${message}`);
    terminal.out(`    ${reasons[reason].means}`);
  }
  return 1;
};
