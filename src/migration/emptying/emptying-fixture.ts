import { builtInPolicy, type MigrationPolicySpec } from '../../api/migration-policy.ts';
import type { Pod } from '../../api/pod.ts';
import { findingsOf } from '../eligibility.ts';
import { agentOf, now, podWith } from '../move-fixture.ts';
import type { PodOnNode } from './facts.ts';

/** For tests: a pod on node n1, judged as the controller judges it. */
export const onNode = (pod: Pod, changes: Partial<MigrationPolicySpec> = {}): PodOnNode => {
  const policy = { name: 'default', spec: { ...builtInPolicy, ...changes } };
  return { pod, policy, findings: findingsOf({ pod, sourceNode: agentOf('n1'), policy, now }) };
};

interface Changes {
  readonly metadata?: object;
  readonly spec?: object;
  readonly status?: object;
}

/** One that opted in and can be moved. */
export const movablePod = (name: string, { metadata, ...rest }: Changes = {}): Pod =>
  podWith({ metadata: { name, uid: name, ...metadata }, ...rest });

/** One that did not opt in. */
export const ordinaryPod = (name: string, { metadata, ...rest }: Changes = {}): Pod =>
  movablePod(name, { metadata: { annotations: {}, ...metadata }, ...rest });

export const ownedBy = (kind: string) => ({
  ownerReferences: [{ apiVersion: 'apps/v1', kind, name: 'x', uid: 'x', controller: true }],
});

export const withTriggers = (triggers: Partial<MigrationPolicySpec['triggers']>) => ({
  triggers: { ...builtInPolicy.triggers, ...triggers },
});
