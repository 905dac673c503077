import type { Finding } from '../../api/reasons.ts';
import type { Reason } from '../../api/reasons.ts';
import type { MigrationNode } from '../../api/migration-node.ts';
import type { BoundClaim } from '../../api/persistent-volume.ts';
import type { Pod } from '../../api/pod.ts';
import type { PolicyChoice } from '../policy/policy.ts';
import type { Places } from '../node-fit/candidate.ts';

/** What a pod depends on besides its own node. What nobody has looked for is undefined, and then nothing is said of it. */
export interface Surroundings {
  readonly places?: Places | undefined;
  /** Those of its claims that exist. */
  readonly claims?: readonly BoundClaim[] | undefined;
}

/** All that a check may look at. It comes from caches: no check does I/O. */
export interface EligibilityFacts extends Surroundings {
  readonly pod: Pod;
  /** What the agent of the pod's node has reported; undefined when there is none. */
  readonly sourceNode: MigrationNode | undefined;
  readonly policy: PolicyChoice;
  readonly now: number;
}

/** One thing that may stand in the way of a move, named after what it finds. */
export type Check = (facts: EligibilityFacts) => Finding | undefined;

/** How messages name a pod. */
const podText = (pod: Pod): string => `Pod ${pod.metadata.namespace ?? 'default'}/${pod.metadata.name}`;

/** A finding about the facts' pod: `Pod default/web-1 <what>`. */
export const finding = (reason: Reason, pod: Pod, what: string): Finding => ({
  reason,
  message: `${podText(pod)} ${what}`,
});
