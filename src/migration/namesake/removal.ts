import type { Migration, Removal } from '../../api/migration.ts';
import { type Pod, pod as podSchema } from '../../api/pod.ts';

/*
 * The object of a source that keeps its name is removed before there is a target.
 * Its processes run on: the runtime's wrapper on its node lets no signal through
 * to them (node/transship-runc). The record keeps what the object was, because
 * the target is made from it, and whoever takes over from us finds it nowhere else.
 */

/**
 * For how long the processes of a removed pod are kept, in milliseconds: 75 s were
 * tried under both runtimes. After 120 s without an answer to its order to stop
 * the container (runtimeRequestTimeout) the kubelet would stop the sandbox instead.
 */
export const longestKeptMs = 75_000;

export const isRemoved = ({ status }: Migration): boolean => status?.removal !== undefined;

const statusesOf = (status: Pod['status']): Pod['status'] =>
  status && { initContainerStatuses: status.initContainerStatuses, containerStatuses: status.containerStatuses };

/** What has to be known of a pod when its object is gone. */
export const removalOf = ({ metadata, spec, status }: Pod, now: number): Removal => ({
  time: new Date(now).toISOString(),
  pod: JSON.stringify({ metadata, spec, status: statusesOf(status) }),
});

/** The source as it was. Throws when the record was tampered with. */
export const removedPod = ({ status }: Migration): Pod | undefined =>
  status?.removal && podSchema.parse(JSON.parse(status.removal.pod));
