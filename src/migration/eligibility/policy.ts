import type { Check } from './check.ts';

/** Limits, deadline and what a failure comes to would be a guess. */
export const policiesConflict: Check = ({ policy }) => ('conflict' in policy ? policy.conflict : undefined);
