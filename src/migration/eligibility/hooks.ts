import type { AcceptedHook } from '../../api/hook.ts';
import { hooksAnnotation } from '../../api/names.ts';
import { lastingContainersOf, type Pod } from '../../api/pod.ts';
import { hooksFor } from '../hooks/accepted.ts';
import { annotatedHooks } from '../hooks/annotation.ts';
import { policyText } from '../policy/policy.ts';
import { type Check, finding } from './check.ts';

/** Nobody would know of a hook that is not run because of how it is written. */
export const hooksAreMalformed: Check = ({ pod }) => {
  const annotated = annotatedHooks(pod);
  return 'hooks' in annotated
    ? undefined
    : finding(
        'HookMalformed',
        pod,
        `has the annotation ${hooksAnnotation}, which says what is no hook: ${annotated.mistakes.join('; ')}`,
      );
};

const hasContainer = (pod: Pod, name: string): boolean =>
  lastingContainersOf(pod).some((container) => container.name === name);

const isHomeless = (pod: Pod, { exec, failurePolicy }: AcceptedHook): boolean =>
  exec !== undefined && failurePolicy === 'Fail' && !hasContainer(pod, exec.container);

/** It would fail, and with it the move. Where a failure is ignored, a policy may well speak of pods that have the container. */
export const hookHasNoContainer: Check = ({ pod, policy }) => {
  if ('conflict' in policy) return undefined;
  const homeless = hooksFor(policy.spec, pod).filter((hook) => isHomeless(pod, hook));
  const texts = homeless.map(
    ({ point, from, exec }) =>
      `${point} of ${from === 'Pod' ? 'the pod' : policyText(policy)} in container ${exec?.container ?? ''}`,
  );
  return texts.length === 0
    ? undefined
    : finding('HookMalformed', pod, `does not have the container of a hook: ${texts.join(', ')}`);
};
