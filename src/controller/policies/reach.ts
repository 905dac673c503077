import { apiVersion } from '../../api/group.ts';
import type { Key } from '../../kube/api.ts';
import type { EventRecorder } from '../../kube/events.ts';
import { keyOf } from '../../kube/lookup.ts';
import type { Reconcile } from '../../kube/queue.ts';
import { reachlessness } from '../../migration/policy/policy-reach.ts';
import type { Caches } from '../caches.ts';

type Known = Pick<Caches, 'policies' | 'namespaces' | 'pods'>;

/** Said now and then for as long as it holds, as Kubernetes says it of a PodDisruptionBudget without pods. */
export const reachOfPolicies =
  ({ policies, namespaces, pods }: Known, events: EventRecorder): Reconcile =>
  (key) => {
    const policy = policies.get(key);
    const found = policy && reachlessness(policy, { namespaces: namespaces.items(), pods: pods.items() });
    if (found) {
      const { name, uid } = policy.metadata;
      events.record({ apiVersion, kind: 'MigrationPolicy', name, uid }, 'Warning', found.reason, found.message);
    }
    return Promise.resolve(undefined);
  };

export const triggerReach = ({ policies }: Pick<Caches, 'policies'>, add: (key: Key) => void): void => {
  policies.onChange((key) => {
    add(key);
  });
};

export const allPolicies = ({ policies }: Pick<Caches, 'policies'>): readonly Key[] => policies.items().map(keyOf);
