import { readdirSync } from 'node:fs';
import { nodes } from '../../../lab/cluster.ts';
import { survivors } from '../../../lab/host/lab-processes.ts';
import { nodePid } from '../../../lab/node-exec.ts';
import { until } from '../../../lab/wait.ts';
import { commandOf, type Found, type Matches, text } from './descendants.ts';

/* Processes of the nodes, as the host sees them. */

const parentOf = (pid: number): number => {
  const stat = text(`/proc/${String(pid)}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
};

/** What was orphaned on a node belongs to its first process, so every line of parents of its processes leads there. */
const isBelow = (pid: number, ancestor: number): boolean => {
  for (let at = pid; at > 1; at = parentOf(at)) if (at === ancestor) return true;
  return false;
};

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

/** The wrapper of a container that is being created, not one of its subshells. */
export const isWrapper: Matches = (command, { parent }) =>
  command.some((word) => word.endsWith('/transship-runc')) &&
  command.includes('create') &&
  !commandOf(parent).some((word) => word.endsWith('/transship-runc'));

/** What dumps a source, or waits to. */
export const isGuard: Matches = (command) => command.some((word) => word.endsWith('/transship-guard'));

const appearMs = 3_000;
const endMs = 5_000;

/** Waits for processes to appear that match. */
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
