import { configureRestore } from '../checkpoint/criu-config.ts';
import { warmUp } from '../checkpoint/warm-up.ts';
import type { PodInterface } from '../network/pod-interface.ts';
import type { Guest } from './guest.ts';
import type { TargetPorts } from './ports.ts';

/**
 * The node's own route to the pod. The CNI plugin does not make it when the route of an earlier sandbox with this
 * address is still there (ptp tolerates EEXIST), and that one goes with its sandbox: a pod that comes back soon would be
 * cut off. Until the move has committed, our own table still leads to the source.
 */
export const leadHome = async (
  { routes }: TargetPorts,
  { address, hostDevice, hostVeth }: PodInterface,
): Promise<void> => {
  if (hostDevice !== hostVeth) return; // behind a bridge, whose route does not depend on the pod
  await routes.apply(`route replace ${address.ip}/32 dev ${hostVeth} scope host`);
};

/** What the restores will read: which options CRIU gets, and programs that are in memory by then. */
export const prepareRestores = async ({ runc }: TargetPorts, guests: readonly Guest[]): Promise<void> => {
  await Promise.all([
    warmUp(runc),
    ...guests.map(async ({ bundle, entry }) => {
      await bundle.useCriuConfig(entry.id);
      await configureRestore(entry.id);
    }),
  ]);
};
