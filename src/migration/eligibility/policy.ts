import type { Pod } from '../../api/pod.ts';
import type { Finding } from '../../api/reasons.ts';
import { type ChosenPolicy, policyText } from '../policy/policy.ts';
import { type Check, finding } from './check.ts';

/** Limits, deadline and what a failure comes to would be a guess. */
export const policiesConflict: Check = ({ policy }) => ('conflict' in policy ? policy.conflict : undefined);

/** Asked of evictions only: whoever names the pod needs no trigger. */
export const evictionsAreNoTrigger = (pod: Pod, policy: ChosenPolicy): Finding | undefined =>
  policy.spec.triggers.eviction
    ? undefined
    : finding(
        'PolicyForbidsMove',
        pod,
        `is under ${policyText(policy)}, which turns no eviction into a move (triggers.eviction: false)`,
      );
