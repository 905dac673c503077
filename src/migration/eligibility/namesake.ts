import { runtimeClass } from '../../api/names.ts';
import type { Pod } from '../../api/pod.ts';
import { needsItsName } from '../namesake/kind.ts';
import { type Check, finding } from './check.ts';
import { hasHook } from './lifecycle.ts';
import { podIsMirror } from './owner.ts';

/*
 * The object of such a pod is removed while its processes run on, so its kubelet
 * must not be able to end them.
 */

const isConcerned = (facts: Parameters<Check>[0]): boolean =>
  needsItsName(facts.pod) && podIsMirror(facts) === undefined;

/** Only the wrapper of our RuntimeClass keeps signals away from a container, and a running pod cannot change its class. */
export const signalsAreNotHeld: Check = (facts) =>
  isConcerned(facts) && facts.pod.spec.runtimeClassName !== runtimeClass
    ? finding(
        'SignalsNotHeld',
        facts.pod,
        `keeps its name when it moves and was not started under the RuntimeClass ${runtimeClass}; it gets the class when it is created anew with the annotation`,
      )
    : undefined;

const stopHooksOf = ({ spec }: Pod): readonly string[] =>
  spec.containers.filter((container) => hasHook(container, 'preStop')).map(({ name }) => name);

/** The kubelet runs it before it sends any signal (kubernetes, pkg/kubelet/kuberuntime, killContainer). */
export const hasStopHook: Check = (facts) => {
  const hooked = isConcerned(facts) ? stopHooksOf(facts.pod) : [];
  return hooked.length === 0
    ? undefined
    : finding(
        'StopHookUsed',
        facts.pod,
        `keeps its name when it moves and has a preStop hook in container ${hooked.join(', ')}, which the kubelet would run in the middle of the move`,
      );
};
