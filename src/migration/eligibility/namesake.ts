import { runtimeClass } from '../../api/names.ts';
import { lastingContainersOf, type Pod } from '../../api/pod.ts';
import { hooksFor } from '../hooks/accepted.ts';
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

const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;

const isExec = (probe: unknown): boolean => (probe as { readonly exec?: unknown } | undefined)?.exec != null;

/** What would run a program in the pod while its signals are held. */
const programsRunIn = ({ pod, policy }: Parameters<Check>[0]): readonly string[] => [
  ...lastingContainersOf(pod).flatMap((container) =>
    probes.filter((probe) => isExec(container[probe])).map((probe) => `the ${probe} of container ${container.name}`),
  ),
  ...('conflict' in policy ? [] : hooksFor(policy.spec, pod))
    .filter(({ point, exec }) => point === 'preMigration' && exec !== undefined)
    .map(({ exec }) => `the hook preMigration in container ${exec?.container ?? ''}`),
];

/**
 * Where a container was not started under the wrapper of our RuntimeClass, a runc that is to run a program in it waits as
 * one does that is to send a signal (agent/host/withheld-state.ts): a probe would fail. A running pod cannot change its
 * class.
 */
export const signalsAreNotHeld: Check = (facts) => {
  if (!isConcerned(facts) || facts.pod.spec.runtimeClassName === runtimeClass) return undefined;
  const programs = programsRunIn(facts);
  return programs.length === 0
    ? undefined
    : finding(
        'SignalsNotHeld',
        facts.pod,
        `keeps its name when it moves, was not started under the RuntimeClass ${runtimeClass}, and has what runs a program in it, which would wait with its signals: ${programs.join(', ')}; it gets the class when it is created anew with the annotation`,
      );
};

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
