import type { Pod } from '../../api/pod.ts';

/**
 * A Job counts a pod that is deleted before it has ended as failed, and finds
 * it by this finalizer, which keeps the pod until it is counted. A pod without
 * it is not counted: the Job's own controller takes it from pods that it removes
 * because there are too many (kubernetes, pkg/controller/job/job_controller.go,
 * deleteJobPods and trackJobStatusAndRemoveFinalizers).
 */
export const jobTracking = 'batch.kubernetes.io/job-tracking';

export const isOfJob = ({ metadata }: Pod): boolean =>
  metadata.ownerReferences?.some(({ kind, controller }) => kind === 'Job' && controller === true) ?? false;

/** The finalizers of a source that its Job is not to count; undefined where none has to change. A list is replaced whole. */
export const uncounted = ({ metadata: { finalizers = [] } }: Pod): readonly string[] | undefined =>
  finalizers.includes(jobTracking) ? finalizers.filter((finalizer) => finalizer !== jobTracking) : undefined;
