import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { cgroupName } from '../../lab/cluster.ts';

/*
 * Kills an agent while a pod of its node stands still. It looks and kills from the host of the lab: a command in the node
 * would take as long as half of a freeze.
 */

const freezeLimitMs = 30_000;

/** The process of the agent of a node, by its number on this machine. */
const agentOf = async (node: string): Promise<number> => {
  for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''); // it has ended since
    if (!command.includes('transship.mjs\0agent\0')) continue;
    const cgroups = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '');
    if (cgroups.includes(`/${cgroupName(node)}/`)) return Number(pid);
  }
  throw new Error(`No agent runs on ${node}`);
};

export const killAgent = async (node: string): Promise<void> => {
  process.kill(await agentOf(node), 'SIGKILL');
};

/** Tells whether the container of a pod stands still; cheap enough to be asked all the time. */
const freezerOfPod = async (node: string, podUID: string): Promise<() => boolean> => {
  const roots = ['/sys/fs/cgroup/freezer', '/sys/fs/cgroup'].map((root) => join(root, cgroupName(node)));
  const root = roots.find((each) => existsSync(each)) ?? '';
  const folders = await readdir(root, { recursive: true, withFileTypes: true });
  const states = folders
    .filter((entry) => entry.isDirectory() && entry.parentPath.endsWith(`pod${podUID}`))
    .flatMap((entry) => ['freezer.state', 'cgroup.freeze'].map((file) => join(entry.parentPath, entry.name, file)))
    .filter((file) => existsSync(file));
  if (states.length === 0) throw new Error(`Pod ${podUID} has no container on ${node}`);
  return () => states.some((file) => ['FROZEN', 'FREEZING', '1'].includes(readFileSync(file, 'utf8').trim()));
};

/**
 * Kills the agent of a node so long after it has frozen a pod. The freezer does not tell when the pod runs again: CRIU
 * thaws a cgroup once it holds all its tasks (criu/seize.c).
 */
export const killAgentInFreeze = async (node: string, podUID: string, afterMs: number): Promise<void> => {
  const isFrozen = await freezerOfPod(node, podUID);
  const agent = await agentOf(node);
  const begun = performance.now();
  while (!isFrozen()) {
    if (performance.now() - begun > freezeLimitMs) throw new Error(`Pod ${podUID} was not frozen on ${node}`);
    await setImmediate();
  }
  await sleep(afterMs);
  process.kill(agent, 'SIGKILL');
};
