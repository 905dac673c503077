import { freezerOf } from '../checkpoint/freezer.ts';
import { readRuncState, type RuncState } from '../runtime/runc-state.ts';
import { signalEach } from '../runtime/signal.ts';
import type { TargetPorts } from './ports.ts';

const stateOf = ({ engine }: TargetPorts, containerID: string): Promise<RuncState | undefined> =>
  readRuncState(engine, containerID).catch(() => undefined); // never restored, or cleaned up already

/** The processes of a held tree. None of them can have started another: nothing has run. */
export const processesOf = async (ports: TargetPorts, containerID: string): Promise<readonly number[]> => {
  const container = await stateOf(ports, containerID);
  return container ? freezerOf(container.cgroups).processes() : [];
};

/** Lets a held tree run: each of its processes was stopped by CRIU (`leave-stopped`). */
export const continueTree = (processes: readonly number[]): void => signalEach(processes, 'SIGCONT');

/** Ends a held tree, of which nothing has run. */
export const killTree = async (ports: TargetPorts, containerID: string): Promise<void> =>
  signalEach(await processesOf(ports, containerID), 'SIGKILL');
