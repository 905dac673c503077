import { randomUUID } from 'node:crypto';
import type { Migration } from '../../api/migration.ts';
import { ReasonedError } from '../../api/reasons.ts';
import { type ImageDirectory, makeImageDirectory } from '../checkpoint/image-directory.ts';
import { configureRestore } from '../checkpoint/criu-config.ts';
import { warmUp } from '../checkpoint/warm-up.ts';
import { freezerOf } from '../checkpoint/freezer.ts';
import type { ArriveRequest } from '../doorbell/request.ts';
import { reply } from '../doorbell/reply.ts';
import { type Root, targetRoots } from '../files/roots.ts';
import { holdPackets, type PacketHold } from '../network/packet-hold.ts';
import { type PodInterface, podInterface } from '../network/pod-interface.ts';
import { readRuncState } from '../runtime/runc-state.ts';
import type { Undo } from '../undo.ts';
import { readBundle } from './bundle.ts';
import type { TargetPorts } from './ports.ts';

/** A target at the rendezvous: its `runc create` waits, its network is ready, packets would be held. */
export interface Standing {
  readonly migration: Migration;
  readonly containerID: string;
  readonly ip: string;
  readonly hostDevice: string;
  readonly hold: PacketHold;
  readonly image: ImageDirectory;
  /** Where files of the source are put. */
  readonly roots: readonly Root[];
  /** Lets the wrapper go on; resolves with the code of `runc restore`. */
  restore(signal: AbortSignal): Promise<number>;
  /** The doorbell's word about the end of the restore. */
  restored(code: number): void;
  /** Makes the wrapper's `create` fail with a sentence; does nothing once it has gone on. */
  refuse(sentence: string): Promise<void>;
}

/**
 * The node's own route to the pod. The CNI plugin does not make it when the route of an earlier sandbox with this
 * address is still there (ptp tolerates EEXIST), and that one goes with its sandbox: a pod that comes back soon would be
 * cut off. Until the move has committed, our own table still leads to the source.
 */
const leadHome = async ({ routes }: TargetPorts, { address, hostDevice, hostVeth }: PodInterface): Promise<void> => {
  if (hostDevice !== hostVeth) return; // behind a bridge, whose route does not depend on the pod
  await routes.apply(`route replace ${address.ip}/32 dev ${hostVeth} scope host`);
};

/**
 * Makes everything ready that the freeze will need on this side.
 * Rejects with AddressConflict when the pod got another address than the source has.
 */
export const stand = async (
  ports: TargetPorts,
  migration: Migration,
  request: ArriveRequest,
  undo: Undo,
): Promise<Standing> => {
  const { containerID } = request;
  const bundle = await readBundle(request.bundle);
  const target = migration.status?.target;
  if (bundle.podUID !== target?.podUID) {
    throw new ReasonedError(
      'RendezvousUnknown',
      `Container ${containerID.slice(0, 12)} belongs to pod ${bundle.podUID}, which is not the target of Migration ${migration.metadata.name}`,
    );
  }
  const pod = await podInterface(bundle.network);
  const { ip } = pod.address;
  const wanted = migration.status?.source?.address?.ip;
  if (ip !== wanted)
    throw new ReasonedError(
      'AddressConflict',
      `Target pod ${target.podName} got the address ${ip} instead of ${wanted ?? 'that of the source'}`,
    );
  await leadHome(ports, pod);
  await bundle.useCriuConfig(containerID);
  await Promise.all([configureRestore(containerID), warmUp(ports.runc)]);
  const hold = await holdPackets(bundle.network, pod);
  undo.add('Left the neighbour settings of the target as they were', () => hold.restore());
  const image = await makeImageDirectory(randomUUID());
  undo.add('Wiped the image', () => image.remove());
  const ended = Promise.withResolvers<number>();
  let gone = false;
  return {
    migration,
    containerID,
    ip,
    hostDevice: pod.hostDevice,
    hold,
    image,
    roots: await targetRoots(request.bundle),
    async restore(signal) {
      gone = true;
      const abort = () => {
        ended.reject(signal.reason as Error);
      };
      signal.addEventListener('abort', abort, { once: true });
      if (!(await reply(request.reply, `restore ${image.path}`)))
        throw new ReasonedError('TargetPodGone', `Target pod ${target.podName} no longer waits at the rendezvous`);
      return ended.promise.finally(() => {
        signal.removeEventListener('abort', abort);
      });
    },
    restored(code) {
      ended.resolve(code);
    },
    async refuse(sentence) {
      if (!gone) await reply(request.reply, `fail ${sentence}`);
      gone = true;
    },
  };
};

/** The processes of a held tree. None of them can have started another: nothing has run. */
export const heldProcesses = async (ports: TargetPorts, containerID: string): Promise<readonly number[]> =>
  freezerOf((await readRuncState(ports.engine, containerID)).cgroups).processes();

/** Lets a held tree run: each of its processes was stopped by CRIU (`leave-stopped`). */
export const continueTree = (processes: readonly number[]): void => {
  for (const pid of processes) process.kill(pid, 'SIGCONT');
};

/** Ends a held tree, of which nothing has run. */
export const killTree = async (ports: TargetPorts, containerID: string): Promise<void> => {
  const container = await readRuncState(ports.engine, containerID).catch(() => undefined); // never restored, or cleaned up already
  if (!container) return;
  for (const pid of await freezerOf(container.cgroups).processes()) process.kill(pid, 'SIGKILL');
};
