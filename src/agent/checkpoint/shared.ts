import { release } from 'node:os';
import type { Finding } from '../../api/reasons.ts';
import { inNetwork, run } from '../host/command.ts';
import { between, obstaclesIn } from '../sockets/between.ts';
import { socketIn } from '../sockets/open-sockets.ts';
import { listing, socketsIn } from '../sockets/socket-table.ts';
import type { ProcessFacts } from './inspection.ts';
import { haveSegments, segmentFindings } from './sysv.ts';

/*
 * Each container of a pod is dumped and restored by a CRIU of its own. What the
 * kernel keeps once for two of them is in neither's hands: the ends of a connected
 * unix socket (src/agent/sockets), and SysV objects, which are the sandbox's
 * (sysv.ts).
 */

export interface ContainerProcesses {
  readonly name: string;
  readonly processes: readonly ProcessFacts[];
}

const socketsOf = ({ processes }: ContainerProcesses): readonly number[] =>
  processes.flatMap(({ descriptors }) => descriptors).flatMap((descriptor) => socketIn(descriptor) ?? []);

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
  const listed = socketsIn(await run(inNetwork(pid, listing)));
  const found = between(
    listed,
    containers.map((container) => ({ name: container.name, sockets: socketsOf(container) })),
  );
  const obstacles = obstaclesIn(found, release());
  if (obstacles.length === 0) return [];
  return [{ reason: 'SocketShared', message: `${pod} has ${obstacles.join(', ')}` }];
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
  const attaching = containers.map(({ name, processes }) => ({
    name,
    hasSegments: () => haveSegments(processes.map(({ pid }) => pid)),
  }));
  return [...sockets, ...segmentFindings(pod, attaching)];
};
