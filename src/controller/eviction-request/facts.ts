import type { Eviction } from '../../api/eviction.ts';
import type { Migration } from '../../api/migration.ts';
import type { Pod } from '../../api/pod.ts';
import type { Finding } from '../../api/reasons.ts';
import type { NamedPod } from '../../migration/move-of.ts';
import type { PolicyChoice } from '../../migration/policy/policy.ts';

/** A pod that stands, its policy, and every reason why it cannot be moved. */
export interface StandingPod {
  readonly pod: Pod;
  readonly policy: PolicyChoice;
  readonly findings: readonly Finding[];
}

/** What is known when a pod is to be evicted by request, or was. */
export interface ResponseFacts {
  readonly named: NamedPod;
  /** Undefined when the pod is not known yet, or not any more. */
  readonly standing: StandingPod | undefined;
  /** Those of this very pod. The controller of Kubernetes makes another one for another try, while the first is still there. */
  readonly evictions: readonly Eviction[];
  /** All Migrations of this very pod, whoever asked for them. */
  readonly migrations: readonly Migration[];
  /** What the API server said, when it has just refused the Migration of this pod. */
  readonly refusal?: string | undefined;
  readonly now: number;
}
