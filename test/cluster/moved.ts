import { expectSuccess, overMove, requestMove } from './migrations.ts';
import { type PodView, readyPod } from './redis.ts';

/** One move from each runtime to each, for a pod that begins on n1. */
export const fromEachToEach = [
  ['from containerd to containerd', 'n2'],
  ['from containerd to Docker', 'n3'],
  ['from Docker to Docker', 'n4'],
  ['from Docker to containerd', 'n1'],
] as const;

/** Moves a pod to a node, which has to succeed. @returns the pod as it is there, ready */
export const movedTo = async (
  { metadata: { namespace, name: podName } }: PodView,
  app: string,
  to: string,
  migration = `to-${to}`,
): Promise<PodView> => {
  await requestMove(namespace, migration, { podName, targetNodeName: to });
  expectSuccess(await overMove(namespace, migration));
  return readyPod({ namespace, name: app }, to);
};
