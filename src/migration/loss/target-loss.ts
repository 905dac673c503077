import { containerIDOf, type ContainerStatus, containerStatusesOf, type Pod } from '../../api/pod.ts';
import type { Facts } from '../facts.ts';

/** Why the pod that was to take over cannot do so any more; undefined while it can. */
export const targetLoss = ({ migration, target }: Facts): string | undefined => {
  const { podName, podUID } = migration.status?.target ?? {};
  if (!target) return `the target pod ${podName ?? ''} does not exist any more`;
  if (podUID !== undefined && target.metadata.uid !== podUID)
    return `the target pod ${podName ?? ''} has been replaced by another`;
  if (target.metadata.deletionTimestamp !== undefined) return `the target pod ${podName ?? ''} is being deleted`;
  return ended(target);
};

const ended = (target: Pod): string | undefined => {
  const phase = target.status?.phase;
  if (phase !== 'Failed' && phase !== 'Succeeded') return undefined;
  const { reason, message } = target.status ?? {};
  const why = [reason, message].filter((part) => typeof part === 'string' && part !== '').join(': ');
  return `the target pod ${target.metadata.name} has ended (${phase}${why === '' ? '' : `, ${why}`})`;
};

const hasEnded = ({ state, lastState }: ContainerStatus, restored: string): boolean =>
  [state?.terminated, lastState?.terminated].some((end) => containerIDOf(end?.containerID) === restored);

/** A container that could not be created may be reported yet, and counts as a restart; only another one that runs is another start. */
const runsAnother = ({ containerID, state }: ContainerStatus, restored: string): boolean =>
  state?.running != null && containerID !== undefined && containerIDOf(containerID) !== restored;

/**
 * Are the containers that run now those that were restored? After a crash the
 * kubelet makes another, and that is a cold start, not a move. Undefined while
 * the restored ones run, or none is to be seen yet.
 */
export const restartOf = ({ migration, target }: Facts): string | undefined => {
  if (!target) return undefined;
  const restored = migration.status?.target?.containers;
  const isAnother = (status: ContainerStatus): boolean => {
    if (!restored) return status.restartCount > 0;
    const id = restored.find(({ name }) => name === status.name)?.id;
    return id !== undefined && (hasEnded(status, id) || runsAnother(status, id));
  };
  const names = containerStatusesOf(target)
    .filter(isAnother)
    .map(({ name }) => name);
  return names.length === 0
    ? undefined
    : `container ${names.join(', ')} of the target pod ${target.metadata.name} ended and was started anew`;
};

/** Why nothing is to be hoped for from the target's node; undefined while it lives. */
export const nodeLoss = ({ migration, targetNode }: Facts): string | undefined => {
  const { podName = '', nodeName = '' } = migration.status?.target ?? {};
  if (!targetNode) return `the node ${nodeName} of the target pod ${podName} does not exist any more`;
  const isAlive = targetNode.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  return isAlive ? undefined : `the node ${nodeName} of the target pod ${podName} is not ready`;
};

/** No node gets better by waiting for an image that it cannot have. */
const pullFailures = new Set(['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName']);

interface Waiting {
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
}

const waitingStates = (target: Pod): readonly Waiting[] =>
  containerStatusesOf(target).flatMap(({ state }) => (state?.waiting ? [state.waiting] : []));

const saidOf = ({ reason, message }: Waiting): string =>
  [reason, message].filter((part) => part !== undefined).join(': ');

/** Why the node will not get the target's image; undefined while it may. */
export const pullFailure = (target: Pod): string | undefined => {
  const failed = waitingStates(target).find(({ reason }) => pullFailures.has(reason ?? ''));
  return failed && saidOf(failed);
};

/** What the kubelet says of a target whose container does not run. It tries again by itself. */
export const startTrouble = (target: Pod): string | undefined => {
  const waiting = waitingStates(target).find(({ message }) => message !== undefined);
  return waiting && saidOf(waiting);
};
