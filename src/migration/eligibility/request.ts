import { migrateAnnotation, knownPodAnnotations, targetLabel } from '../../api/names.ts';
import { group } from '../../api/group.ts';
import { type ContainerStatus, containerStatusesOf, lastingContainersOf, type Pod } from '../../api/pod.ts';
import { type Check, finding } from './check.ts';

/** A value that is neither "true" nor "false" may have meant either: nothing is done on a guess. */
export const annotationIsMalformed: Check = ({ pod }) => {
  const value = pod.metadata.annotations?.[migrateAnnotation];
  if (value === undefined || value === 'true' || value === 'false') return undefined;
  return finding(
    'AnnotationMalformed',
    pod,
    `has the annotation ${migrateAnnotation}: ${JSON.stringify(value)}; write "true" or "false"`,
  );
};

/** A misspelt name of ours would silently do nothing. */
export const annotationIsUnknown: Check = ({ pod }) => {
  const unknown = Object.keys(pod.metadata.annotations ?? {}).filter(
    (name) => name.startsWith(`${group}/`) && !knownPodAnnotations.includes(name),
  );
  return unknown.length === 0
    ? undefined
    : finding('AnnotationMalformed', pod, `has an annotation that Transship does not know: ${unknown.join(', ')}`);
};

export const podDidNotOptIn: Check = ({ pod }) => {
  const value = pod.metadata.annotations?.[migrateAnnotation];
  if (value === 'true' || (value !== undefined && value !== 'false')) return undefined;
  return finding('NotOptedIn', pod, `does not carry the annotation ${migrateAnnotation}: "true"`);
};

export const podIsTerminating: Check = ({ pod }) =>
  pod.metadata.deletionTimestamp === undefined
    ? undefined
    : finding('PodTerminating', pod, `is being deleted since ${pod.metadata.deletionTimestamp}`);

const phaseOf = ({ status }: Pod): string => status?.phase ?? 'Pending';

/** Those that are to end and have not done so with success; a sidecar is not to end. The kubelet calls a pod Pending for so long. */
const initContainersLeft = ({ spec, status }: Pod): readonly string[] => {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return (status?.initContainerStatuses ?? [])
    .filter(({ name, ready }) => !ready && !sidecars.some((sidecar) => sidecar.name === name))
    .map(({ name }) => name);
};

export const podIsInitializing: Check = ({ pod }) => {
  const left = phaseOf(pod) === 'Pending' ? initContainersLeft(pod) : [];
  return left.length === 0
    ? undefined
    : finding('InitContainersRunning', pod, `has init containers that have not ended: ${left.join(', ')}`);
};

const lastingStatusesOf = (pod: Pod): readonly ContainerStatus[] => {
  const lasting = new Set(lastingContainersOf(pod).map(({ name }) => name));
  return containerStatusesOf(pod).filter(({ name }) => lasting.has(name));
};

export const podIsNotRunning: Check = (facts) => {
  const { pod } = facts;
  if (podIsInitializing(facts)) return undefined;
  const phase = phaseOf(pod);
  if (phase !== 'Running' || !pod.spec.nodeName) return finding('PodNotRunning', pod, `is ${phase}`);
  const stopped = lastingStatusesOf(pod)
    .filter((status) => status.state?.running === undefined)
    .map((status) => status.name);
  return stopped.length === 0
    ? undefined
    : finding('PodNotRunning', pod, `has a container that is not running: ${stopped.join(', ')}`);
};

/** Until it is adopted, a target is half of another move. */
export const podIsTarget: Check = ({ pod }) =>
  pod.metadata.labels?.[targetLabel] === undefined
    ? undefined
    : finding(
        'PodIsTarget',
        pod,
        `is the target of the Migration ${pod.metadata.labels[targetLabel]}, which is still running`,
      );
