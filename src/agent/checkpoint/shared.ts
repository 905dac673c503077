import type { Finding } from '../../api/reasons.ts';
import { inNetwork, run } from '../host/command.ts';
import type { ProcessFacts } from './inspection.ts';

/*
 * Each container of a pod is dumped and restored by a CRIU of its own. What the
 * kernel keeps once for two of them is in neither's hands: the ends of a connected
 * unix socket (criu/sk-unix.c, dump_external_sockets), and SysV objects, which are
 * the sandbox's and which each restore would make (criu/ipc_ns.c).
 */

export interface ContainerProcesses {
  readonly name: string;
  readonly processes: readonly ProcessFacts[];
}

/** The two ends of a connection, by the inode of each. */
type Ends = readonly [number, number];

/** What `ss -xnH` prints: the last two numbers of a line are the inodes of a socket and of its peer, 0 where there is none. */
export const unixPeersIn = (lines: string): readonly Ends[] =>
  lines.split('\n').flatMap((line) => {
    const [, own, peer] = /\s(\d+)\s+\S+\s+(\d+)\s*$/.exec(line) ?? [];
    return own !== undefined && peer !== undefined && peer !== '0' ? [[Number(own), Number(peer)] as const] : [];
  });

const socketsOf = ({ processes }: ContainerProcesses): readonly number[] =>
  processes
    .flatMap(({ descriptors }) => descriptors)
    .flatMap((descriptor) => /^socket:\[(\d+)\]$/.exec(descriptor)?.[1] ?? [])
    .map(Number);

/** Pairs of containers, each once. */
export const connectedContainers = (
  containers: readonly ContainerProcesses[],
  peers: readonly Ends[],
): readonly string[] => {
  const owners = new Map(containers.flatMap((container) => socketsOf(container).map((ino) => [ino, container.name])));
  const pairs = peers.flatMap(([own, peer]) => {
    const ends = [owners.get(own), owners.get(peer)].filter((name) => name !== undefined);
    return new Set(ends).size === 2 ? [ends.toSorted().join(' and ')] : [];
  });
  return [...new Set(pairs)];
};

/** They show what belongs to the IPC namespace of whoever reads them. */
const tables = ['shm', 'msg', 'sem'].map((table) => `/proc/sysvipc/${table}`);

/** Each table has a head, and a line for each object, which begins with its key. */
export const objectsIn = (text: string): number => text.split('\n').filter((line) => /^\s*-?\d/.test(line)).length;

const sysvObjects = async (pid: number): Promise<number> =>
  objectsIn(await run(['nsenter', '--target', String(pid), '--ipc', '--', 'cat', ...tables]));

const socketFindings = async (
  pod: string,
  pid: number,
  containers: readonly ContainerProcesses[],
): Promise<readonly Finding[]> => {
  const pairs = connectedContainers(containers, unixPeersIn(await run(inNetwork(pid, ['ss', '-xnH']))));
  if (pairs.length === 0) return [];
  const message = `${pod} has connections of unix sockets between containers: ${pairs.join(', ')}`;
  return [{ reason: 'SocketShared', message }];
};

/**
 * What the containers of a pod share that cannot be moved, all of it.
 * @param pid a process in the pod
 */
export const sharedFindings = async (
  pod: string,
  pid: number,
  containers: readonly ContainerProcesses[],
): Promise<readonly Finding[]> => {
  if (containers.length < 2) return [];
  const [sockets, objects] = await Promise.all([socketFindings(pod, pid, containers), sysvObjects(pid)]);
  if (objects === 0) return sockets;
  const message = `${pod} has several containers and ${objects} SysV IPC objects (shared memory, queues or semaphores)`;
  return [...sockets, { reason: 'SegmentShared', message }];
};
