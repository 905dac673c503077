import type { Pod } from '../api/pod.ts';
import type { Finding } from '../api/reasons.ts';
import { annotationIsMalformed, annotationIsUnknown } from '../migration/eligibility/request.ts';
import { builtIn } from '../migration/policy/policy.ts';

/** Mistakes in annotations of ours. They are warned of, never refused: a typing error must not keep a pod from starting. */
export const annotationMistakes = (pod: Pod): readonly Finding[] =>
  [annotationIsMalformed, annotationIsUnknown]
    .map((check) => check({ pod, sourceNode: undefined, policy: builtIn, now: 0 }))
    .filter((found) => found !== undefined);
