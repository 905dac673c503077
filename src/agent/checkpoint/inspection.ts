import { readdir, readFile, readlink } from 'node:fs/promises';
import type { PodAddress } from '../../api/migration.ts';
import type { Finding } from '../../api/reasons.ts';
import { onHost } from '../host/paths.ts';

/** What the processes of a container hold, gathered from /proc before anything is touched. */
export interface ProcessFacts {
  readonly pid: number;
  readonly command: string;
  /** Targets of /proc/PID/fd/*, for example `socket:[123]`, `anon_inode:[io_uring]`. */
  readonly descriptors: readonly string[];
  readonly residentBytes: number;
}

export interface SourceFacts {
  readonly processes: readonly ProcessFacts[];
  /** Sockets of multipath TCP in the pod's network namespace. */
  readonly multipathSockets: number;
  readonly freeImageBytes: number;
  readonly address: PodAddress;
}

const pageBytes = 4096;

const gatherProcess = async (pid: number): Promise<ProcessFacts> => {
  const folder = onHost(`/proc/${pid}`);
  const names = await readdir(`${folder}/fd`);
  const [command, statm, ...descriptors] = await Promise.all([
    readFile(`${folder}/comm`, 'utf8'),
    readFile(`${folder}/statm`, 'utf8'),
    ...names.map((name) => readlink(`${folder}/fd/${name}`).catch(() => '')), // closed since it was listed
  ]);
  return { pid, command: command.trim(), descriptors, residentBytes: Number(statm.split(' ')[1] ?? 0) * pageBytes };
};

/** Processes that end while they are looked at are left out. */
export const gatherProcesses = async (pids: readonly number[]): Promise<readonly ProcessFacts[]> => {
  const found = await Promise.allSettled(pids.map(gatherProcess));
  return found.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
};

/** Sockets in use by protocol: column 3 of /proc/PID/net/protocols, counted for each network namespace (net/core/sock.c). */
export const multipathSocketsOf = async (pid: number): Promise<number> => {
  const table = await readFile(onHost(`/proc/${pid}/net/protocols`), 'utf8');
  return table
    .split('\n')
    .filter((line) => line.startsWith('MPTCP'))
    .reduce((sum, line) => sum + Number(line.trim().split(/\s+/)[2] ?? 0), 0);
};

/**
 * Anonymous inodes that CRIU dumps are eventfd, eventpoll, signalfd, inotify,
 * timerfd, userfaultfd-free and pidfd ones (criu/files.c); the rest it refuses.
 */
const undumpable: readonly (readonly [RegExp, string])[] = [
  [/^anon_inode:\[?(bpf|perf_event|fanotify|userfaultfd|landlock|secretmem|kvm)/, 'which CRIU cannot dump'],
  [/^\/dev\/(nvidia|dri|kvm|fuse|vfio)/, 'a device of the node'],
];

const descriptorFinding = (container: string, process: ProcessFacts): Finding | undefined => {
  for (const descriptor of process.descriptors) {
    const hit = undumpable.find(([pattern]) => pattern.test(descriptor));
    if (hit)
      return {
        reason: 'DescriptorNotSupported',
        message: `Process ${process.pid} (${process.command}) of ${container} has ${descriptor} open, ${hit[1]}`,
      };
  }
  return undefined;
};

const usesUring = (process: ProcessFacts): boolean => process.descriptors.some((d) => d.includes('io_uring'));

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

/** Everything about the running processes that stands in the way of a move. */
export const inspectionFindings = (container: string, facts: SourceFacts): readonly Finding[] => {
  const findings: Finding[] = [];
  const uring = facts.processes.find(usesUring);
  if (uring)
    findings.push({
      reason: 'IOUringUsed',
      message: `Process ${uring.pid} (${uring.command}) of ${container} has an io_uring open`,
    });
  if (facts.multipathSockets > 0)
    findings.push({
      reason: 'MultipathTCPUsed',
      message: `${container} has ${facts.multipathSockets} multipath TCP sockets`,
    });
  findings.push(...facts.processes.flatMap((process) => descriptorFinding(container, process) ?? []));
  const memory = residentBytesOf(facts.processes);
  if (memory > facts.freeImageBytes)
    findings.push({
      reason: 'MemoryTooLarge',
      message: `${container} has ${mebibytes(memory)} in memory, and its node has room for an image of ${mebibytes(facts.freeImageBytes)}`,
    });
  return findings;
};

/** Pages that processes share are counted once each: too much rather than too little. */
export const residentBytesOf = (processes: readonly ProcessFacts[]): number =>
  processes.reduce((sum, p) => sum + p.residentBytes, 0);
