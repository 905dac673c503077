import { randomUUID } from 'node:crypto';
import type { Migration } from '../../api/migration.ts';
import { ReasonedError } from '../../api/reasons.ts';
import type { ArriveRequest } from '../doorbell/request.ts';
import { type Root, targetRoots } from '../files/roots.ts';
import { comingLog, type LogFile } from '../logs/log-file.ts';
import { type PodInterface, podInterface } from '../network/pod-interface.ts';
import { type Bundle, readBundle } from './bundle.ts';
import type { ContainerEntry } from './journal.ts';

/** A container at the rendezvous, looked at; nothing has been changed for it yet. */
export interface Guest {
  readonly entry: ContainerEntry;
  readonly bundle: Bundle;
  /** Of its pod. */
  readonly pod: PodInterface;
  /** Where files of the source are put. */
  readonly roots: readonly Root[];
  /** Where its runtime logs what it says; undefined when that is not known. */
  readonly log: LogFile | undefined;
}

/** Rejects with RendezvousUnknown when the container is not of the target, with AddressConflict when its address is not the source's. */
export const lookAt = async (migration: Migration, request: ArriveRequest): Promise<Guest> => {
  const { containerID: id, reply } = request;
  const bundle = await readBundle(request.bundle);
  const { source, target } = migration.status ?? {};
  if (bundle.podUID !== target?.podUID)
    throw new ReasonedError(
      'RendezvousUnknown',
      `container ${id.slice(0, 12)} belongs to pod ${bundle.podUID}, which is not the target of Migration ${migration.metadata.name}`,
    );
  const pod = await podInterface(bundle.network);
  const wanted = source?.address?.ip;
  if (pod.address.ip !== wanted)
    throw new ReasonedError(
      'AddressConflict',
      `target pod ${target.podName} got the address ${pod.address.ip} instead of ${wanted ?? 'that of the source'}`,
    );
  const logged = { namespace: migration.metadata.namespace ?? '', name: target.podName, uid: bundle.podUID };
  const container = { id, name: bundle.container, bundle: request.bundle };
  return {
    log: await comingLog(logged, container).catch(() => undefined), // it begins with the move then
    entry: { name: bundle.container, id, reply, image: randomUUID() },
    bundle,
    pod,
    roots: await targetRoots(request.bundle, bundle.container),
  };
};
