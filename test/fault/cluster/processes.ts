import { readdirSync, readFileSync } from 'node:fs';
import { nodes } from '../../../lab/cluster.ts';
import { survivors } from '../../../lab/host/lab-processes.ts';
import { nodePid } from '../../../lab/node-exec.ts';
import { until } from '../../../lab/wait.ts';

/*
 * Processes of the nodes, as the host sees them. Read without waiting in
 * between: some of those that are looked for live for a tenth of a second.
 */

export interface Found {
  readonly pid: number;
  readonly parent: number;
  readonly command: readonly string[];
}

const text = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // it has ended
  }
};

const commandOf = (pid: number): readonly string[] =>
  text(`/proc/${String(pid)}/cmdline`)
    .split('\0')
    .slice(0, -1);

const parentOf = (pid: number): number => {
  const stat = text(`/proc/${String(pid)}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
};

/** What was orphaned on a node belongs to its first process, so every line of parents of its processes leads there. */
const isBelow = (pid: number, ancestor: number): boolean => {
  for (let at = pid; at > 1; at = parentOf(at)) if (at === ancestor) return true;
  return false;
};

export type Matches = (command: readonly string[], found: { readonly pid: number; readonly parent: number }) => boolean;

/** The processes of a node, in its containers too, that match. */
export const processesOn = (node: string, matches: Matches): readonly Found[] => {
  const first = nodePid(nodes.find(({ name }) => name === node)!);
  if (first === undefined) return [];
  const found: Found[] = [];
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    const command = commandOf(pid);
    if (command.length === 0) continue;
    const parent = parentOf(pid);
    if (matches(command, { pid, parent }) && isBelow(pid, first)) found.push({ pid, parent, command });
  }
  return found;
};

const program = /\/transship\.mjs$/;

export const isAgent: Matches = (command) => program.test(command[1] ?? '') && command[2] === 'agent';

export const isController: Matches = (command) => program.test(command[1] ?? '') && command[2] === 'controller';

/** The one that belongs to a pod. */
export const ofPod =
  (uid: string, matches: Matches): Matches =>
  (command, found) =>
    matches(command, found) && text(`/proc/${String(found.pid)}/cgroup`).includes(uid);

/** runc runs CRIU as a server, and tells it what to do. */
export const isCriu: Matches = (command) => /(^|\/)criu$/.test(command[0] ?? '') && command[1] === 'swrk';

/** The wrapper of a container that is being created, not one of its subshells. */
export const isWrapper: Matches = (command, { parent }) =>
  command.some((word) => word.endsWith('/transship-runc')) &&
  command.includes('create') &&
  !commandOf(parent).some((word) => word.endsWith('/transship-runc'));

/** The children of a process, by all of its threads: Go starts a program from any of them. */
const childrenOf = (pid: number): readonly number[] => {
  try {
    return readdirSync(`/proc/${String(pid)}/task`).flatMap((thread) =>
      text(`/proc/${String(pid)}/task/${thread}/children`)
        .split(' ')
        .filter(Boolean)
        .map(Number),
    );
  } catch {
    return []; // it has ended
  }
};

/** Those below a process that match. A look takes a fraction of a millisecond, where one at all processes takes tens of them. */
export const below = (pid: number, matches: Matches): readonly Found[] =>
  childrenOf(pid).flatMap((child) => {
    const command = commandOf(child);
    const mine = matches(command, { pid: child, parent: pid }) ? [{ pid: child, parent: pid, command }] : [];
    return [...mine, ...below(child, matches)];
  });

/** What dumps a source, or waits to. */
export const isGuard: Matches = (command) => command.some((word) => word.endsWith('/transship-guard'));

const appearMs = 3_000;
const endMs = 5_000;

/** Waits for processes to appear that match; for those of CRIU there is no time to lose. */
export const appeared = (what: string, find: () => readonly Found[]): Promise<readonly Found[]> =>
  until({ what, timeoutMs: appearMs, everyMs: 1 }, () => {
    const found = find();
    return Promise.resolve(found.length > 0 ? found : undefined);
  });

/** Sends a signal and returns when the processes have ended. */
export const end = async (found: readonly Found[], signal: 'SIGKILL' | 'SIGTERM', limitMs = endMs): Promise<void> => {
  for (const { pid } of found) process.kill(pid, signal);
  const left = await survivors(
    found.map(({ pid }) => pid),
    limitMs,
  );
  if (left.length > 0)
    throw new Error(`process ${left.join(', ')} has not ended ${String(limitMs)} ms after ${signal}`);
};
