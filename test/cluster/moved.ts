import { expectSuccess, overMove, requestMove } from './migrations.ts';
import { type PodView, readyPod } from './redis.ts';

/** One move from each runtime to each, for a pod that begins on n1. */
export const fromEachToEach = [
  ['from containerd to containerd', 'n2'],
  ['from containerd to Docker', 'n3'],
  ['from Docker to Docker', 'n4'],
  ['from Docker to containerd', 'n1'],
] as const;

/** Moves a pod to a node, as the Migration `to-NODE`, which has to succeed. @returns the pod as it is there, ready */
export const movedTo = async ({ metadata }: PodView, app: string, to: string): Promise<PodView> => {
  const { namespace, name: podName } = metadata;
  await requestMove(namespace, `to-${to}`, { podName, targetNodeName: to });
  expectSuccess(await overMove(namespace, `to-${to}`));
  return readyPod({ namespace, name: app }, to);
};
