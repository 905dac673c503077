import { randomUUID } from 'node:crypto';
import type { Migration } from '../../api/migration.ts';
import { ReasonedError } from '../../api/reasons.ts';
import { configureRestore } from '../checkpoint/criu-config.ts';
import { warmUp } from '../checkpoint/warm-up.ts';
import type { ArriveRequest } from '../doorbell/request.ts';
import { type Root, targetRoots } from '../files/roots.ts';
import { planHold } from '../network/packet-hold.ts';
import { type PodInterface, podInterface } from '../network/pod-interface.ts';
import { type Bundle, readBundle } from './bundle.ts';
import type { TargetEntry } from './journal.ts';
import type { TargetPorts } from './ports.ts';

/** A container at the rendezvous, looked at; nothing has been changed for it yet. */
export interface Guest {
  readonly entry: TargetEntry;
  readonly bundle: Bundle;
  readonly pod: PodInterface;
  /** Where files of the source are put. */
  readonly roots: readonly Root[];
}

/** Rejects with RendezvousUnknown when the container is not of the target, with AddressConflict when its address is not the source's. */
export const lookAt = async (migration: Migration, request: ArriveRequest): Promise<Guest> => {
  const { containerID } = request;
  const bundle = await readBundle(request.bundle);
  const target = migration.status?.target;
  if (bundle.podUID !== target?.podUID)
    throw new ReasonedError(
      'RendezvousUnknown',
      `container ${containerID.slice(0, 12)} belongs to pod ${bundle.podUID}, which is not the target of Migration ${migration.metadata.name}`,
    );
  const pod = await podInterface(bundle.network);
  const wanted = migration.status?.source?.address?.ip;
  if (pod.address.ip !== wanted)
    throw new ReasonedError(
      'AddressConflict',
      `target pod ${target.podName} got the address ${pod.address.ip} instead of ${wanted ?? 'that of the source'}`,
    );
  const { uid: migrationUID, namespace = '', name } = migration.metadata;
  const hold = await planHold(bundle.network, pod);
  const { reply } = request;
  return {
    entry: {
      ...{ migrationUID, namespace, name, podUID: bundle.podUID, containerID },
      ...{ reply, hold, hostVeth: pod.hostVeth, image: randomUUID() },
    },
    bundle,
    pod,
    roots: await targetRoots(request.bundle),
  };
};

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

/** What the restore will read: which options CRIU gets, and programs that are in memory by then. */
export const prepareRestore = async ({ runc }: TargetPorts, { bundle, entry }: Guest): Promise<void> => {
  await bundle.useCriuConfig(entry.containerID);
  await Promise.all([configureRestore(entry.containerID), warmUp(runc)]);
};
