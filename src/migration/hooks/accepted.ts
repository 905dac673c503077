import { type AcceptedHook, type HookPoint, hookPoints, type PolicyHooks } from '../../api/hook.ts';
import type { MigrationPolicySpec } from '../../api/migration-policy.ts';
import type { Pod } from '../../api/pod.ts';
import { annotatedHooks } from './annotation.ts';

const at = (point: HookPoint, from: AcceptedHook['from'], hooks: PolicyHooks): AcceptedHook[] => {
  const hook = hooks[point];
  return hook === undefined ? [] : [{ point, from, ...hook }];
};

/**
 * All hooks of a move, in the order in which they are run: at each point that of
 * the policy, then that of the pod. They are kept in the record, because a move
 * goes on under what it was accepted with, and the source may be gone before the
 * last of them is run.
 */
export const hooksFor = (policy: Pick<MigrationPolicySpec, 'hooks'>, pod: Pod): readonly AcceptedHook[] => {
  const annotated = annotatedHooks(pod);
  const own = 'hooks' in annotated ? annotated.hooks : {};
  return hookPoints.flatMap((point) => [...at(point, 'Policy', policy.hooks ?? {}), ...at(point, 'Pod', own)]);
};
