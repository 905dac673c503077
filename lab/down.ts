import { readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { nodes, stateFolder } from './cluster.ts';
import { processesInCgroups, remainingCgroups, removeCgroups, thawCgroups } from './host/cgroups.ts';
import { kill, labProcesses, survivors } from './host/lab-processes.ts';
import { remainingLinks, removeBridge, removeLink } from './host/network.ts';
import { restoreSysctls } from './host/sysctls.ts';
import { removeStores } from './node/store.ts';
import { outcome } from './process.ts';

/** Removes everything that a lab made, whole, half made or crashed, and fails when something stays. */
export async function takeDown(): Promise<void> {
  await endProcesses();
  for (const node of nodes) await removeLink(node);
  await removeBridge();
  await restoreSysctls();
  const storesLeft = await removeStores();
  await unmountState();
  await removeAllCgroups();
  const left = [...(await leftovers()), ...storesLeft.map((folder) => `folder ${folder}`)];
  if (left.length > 0) throw new Error(`the lab is down, but these remain:\n  ${left.join('\n  ')}`);
}

/** Ending a node's process 1 ends all in its process namespace, containers too, save those that are frozen. */
async function endProcesses(): Promise<void> {
  const ended = new Set<number>();
  for (let round = 0; round < 20; round += 1) {
    const found = [...(await labProcesses()), ...(await inCgroups())];
    if (found.length === 0) return;
    for (const pid of found) {
      kill(pid);
      ended.add(pid);
    }
    for (const node of nodes) await thawCgroups(node.name);
    await survivors([...ended], 500);
  }
}

async function inCgroups(): Promise<readonly number[]> {
  return (await Promise.all(nodes.map((node) => processesInCgroups(node.name)))).flat();
}

async function unmountState(): Promise<void> {
  for (const target of await mountsOfLab()) await outcome('umount', [target]);
  for (const target of await mountsOfLab()) await outcome('umount', ['--lazy', target]);
  if ((await mountsOfLab()).length === 0) await rm(stateFolder, { recursive: true, force: true });
}

/** Mounts at the state folder and below it, the deepest first. */
async function mountsOfLab(): Promise<readonly string[]> {
  const table = await readFile('/proc/self/mounts', 'utf8');
  const targets = table.split('\n').map((line) => line.split(' ')[1] ?? '');
  return targets.filter((target) => target === stateFolder || target.startsWith(`${stateFolder}/`)).toReversed();
}

/** The kernel lets go of a cgroup a moment after its last process. */
async function removeAllCgroups(): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    for (const node of nodes) await removeCgroups(node.name);
    if ((await remainingAllCgroups()).length === 0) return;
    await sleep(100);
  }
}

async function remainingAllCgroups(): Promise<readonly string[]> {
  return (await Promise.all(nodes.map((node) => remainingCgroups(node.name)))).flat();
}

async function leftovers(): Promise<readonly string[]> {
  const processes = [...new Set([...(await labProcesses()), ...(await inCgroups())])];
  return [
    ...processes.map((pid) => `process ${String(pid)}`),
    ...remainingLinks(nodes).map((link) => `network link ${link}`),
    ...(await mountsOfLab()).map((target) => `mount ${target}`),
    ...(await remainingAllCgroups()).map((folder) => `cgroup ${folder}`),
  ];
}
