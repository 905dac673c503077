import { readdirSync, readlinkSync } from 'node:fs';
import { onHost } from '../host/paths.ts';

/** What a descriptor is, as /proc/PID/fd has it. */
export const socketIn = (descriptor: string): number | undefined => {
  const ino = /^socket:\[(\d+)\]$/.exec(descriptor)?.[1];
  return ino === undefined ? undefined : Number(ino);
};

const socketsOf = (pid: number): readonly number[] => {
  const folder = onHost(`/proc/${pid}/fd`);
  return readdirSync(folder).flatMap((name) => socketIn(readlinkSync(`${folder}/${name}`)) ?? []);
};

/** Of processes that stand still. Synchronous: a look at each takes microseconds. */
export const openSockets = (pids: readonly number[]): readonly number[] => pids.flatMap(socketsOf);
