import { isReady, type Pod } from '../../api/pod.ts';
import type { Step } from '../step.ts';

/**
 * A Job counts a pod that is deleted before it has ended as failed, and finds
 * it by this finalizer, which keeps the pod until it is counted. A pod without
 * it is not counted: the Job's own controller takes it from pods that it removes
 * because there are too many (kubernetes, pkg/controller/job/job_controller.go,
 * deleteJobPods and trackJobStatusAndRemoveFinalizers).
 */
export const jobTracking = 'batch.kubernetes.io/job-tracking';

const isOfJob = ({ metadata }: Pod): boolean =>
  metadata.ownerReferences?.some(({ kind, controller }) => kind === 'Job' && controller === true) ?? false;

/** The finalizers of a source that its Job is not to count; undefined where none has to change. A list is replaced whole. */
export const uncounted = ({ metadata: { finalizers = [] } }: Pod): readonly string[] | undefined =>
  finalizers.includes(jobTracking) ? finalizers.filter((finalizer) => finalizer !== jobTracking) : undefined;

/**
 * A Job does not look at what a pod costs to delete. Of one pod too many it
 * removes one that is not ready, and else the one that became ready last: the
 * target (kubernetes, pkg/controller/controller_utils.go, ActivePods). So for the
 * instant in which there are two the source is said not to be ready, which it is not:
 * it stands still. Its kubelet may say otherwise, but only after it has seen this.
 */
export const notReadyAnyMore = (source: Pod): readonly Step[] => {
  if (!isOfJob(source) || !isReady(source)) return [];
  const conditions = (source.status?.conditions ?? []).map((condition) =>
    ['Ready', 'ContainersReady'].includes(condition.type)
      ? { ...condition, status: 'False', reason: 'Moved', message: 'the pod runs on another node' }
      : condition,
  );
  const { name, uid } = source.metadata;
  return [{ do: 'patchPodStatus', name, patch: { metadata: { uid }, status: { conditions } } }];
};
