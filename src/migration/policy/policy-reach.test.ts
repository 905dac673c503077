import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../api/metadata.ts';
import { migrationPolicy, type WrittenPolicySpec } from '../../api/migration-policy.ts';
import { podWith } from '../move-fixture.ts';
import { reachlessness } from './policy-reach.ts';

const namespace = (name: string, labels: Record<string, string>): KubeObject => ({
  metadata: { name, uid: name, resourceVersion: '1', labels },
});
const cluster = {
  namespaces: [namespace('default', { team: 'a' }), namespace('empty', { team: 'b' })],
  pods: [podWith({ metadata: { labels: { app: 'web' } } })],
};

const said = (spec: WrittenPolicySpec): string | undefined => {
  const policy = migrationPolicy.parse({ metadata: { name: 'strict', uid: 'p', resourceVersion: '1' }, spec });
  const found = reachlessness(policy, cluster);
  return found && `${found.reason}: ${found.message}`;
};
const labels = (matchLabels: Record<string, string>) => ({ matchLabels });

describe('a policy', () => {
  it.each<[string, WrittenPolicySpec]>([
    ['that selects nothing holds for all', {}],
    ['that selects a pod is in order', { podSelector: labels({ app: 'web' }) }],
    [
      'that selects a pod in its namespaces is in order',
      { podSelector: labels({ app: 'web' }), namespaceSelector: labels({ team: 'a' }) },
    ],
    ['that selects a namespace without pods is in order', { namespaceSelector: labels({ team: 'b' }) }],
  ])('%s', (_what, spec) => {
    expect(said(spec)).toBeUndefined();
  });

  it.each<[string, WrittenPolicySpec, string]>([
    [
      'whose namespaceSelector selects nothing is told so',
      { namespaceSelector: labels({ team: 'c' }), podSelector: labels({ app: 'web' }) },
      'its namespaceSelector selects none of the 2 namespaces; compare it with kubectl get namespaces --show-labels',
    ],
    [
      'whose podSelector selects nothing is told so',
      { podSelector: labels({ app: 'wbe' }) },
      'its podSelector selects none of the 1 pods; compare it with kubectl get pods -A --show-labels',
    ],
    [
      'whose pods are in other namespaces is told so',
      { podSelector: labels({ app: 'web' }), namespaceSelector: labels({ team: 'b' }) },
      'its podSelector selects none of the 0 pods in the namespaces that its namespaceSelector selects; compare it with kubectl get pods -A --show-labels',
    ],
  ])('%s', (_what, spec, why) => {
    expect(said(spec)).toBe(`PolicySelectsNothing: MigrationPolicy strict holds for no pod: ${why}`);
  });
});
