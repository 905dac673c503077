import { mkdir, readFile, readdir, rmdir, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { cgroupName } from '../cluster.ts';

const root = '/sys/fs/cgroup';

/** Folders of a node in every hierarchy of cgroup v1, or the one of v2. */
async function foldersOf(node: string): Promise<readonly string[]> {
  if (existsSync(join(root, 'cgroup.controllers'))) return [join(root, cgroupName(node))];
  const hierarchies = await readdir(root, { withFileTypes: true });
  // Some hierarchies are also reachable by a second name, through a link.
  return hierarchies.filter((each) => each.isDirectory()).map((each) => join(root, each.name, cgroupName(node)));
}

/**
 * On a machine of its own, all pods together weigh as much as its daemons do together (kubepods.slice against
 * system.slice). Here the daemons of five nodes run outside of these cgroups, each with the weight of a cgroup: without
 * this, a node's pods would get no more of a processor than one of its daemons.
 */
const shares = '4096';

/** kubelet uses its root cgroup but does not make it. */
export async function makeCgroups(node: string): Promise<void> {
  for (const folder of await foldersOf(node)) {
    await mkdir(folder, { recursive: true });
    if (existsSync(join(folder, 'cpu.shares'))) await writeFile(join(folder, 'cpu.shares'), shares);
    // A new cpuset holds no CPU and no memory, and no process may join it like that.
    for (const file of ['cpuset.cpus', 'cpuset.mems'])
      if (existsSync(join(folder, file)) && existsSync(join(folder, '..', file)))
        await writeFile(join(folder, file), await readFile(join(folder, '..', file)));
  }
}

/** A frozen process cannot die, so whoever ends a node's processes thaws them as well. */
export async function thawCgroups(node: string): Promise<void> {
  for (const folder of await foldersOf(node))
    for (const cgroup of await descendants(folder)) {
      await writeFile(join(cgroup, 'freezer.state'), 'THAWED').catch(() => undefined);
      await writeFile(join(cgroup, 'cgroup.freeze'), '0').catch(() => undefined);
    }
}

export async function processesInCgroups(node: string): Promise<readonly number[]> {
  const lists: Promise<string>[] = [];
  for (const folder of await foldersOf(node))
    for (const cgroup of await descendants(folder))
      lists.push(readFile(join(cgroup, 'cgroup.procs'), 'utf8').catch(() => ''));
  const pids = (await Promise.all(lists)).flatMap((list) => list.split('\n').filter((line) => line !== ''));
  return [...new Set(pids)].map(Number);
}

export async function removeCgroups(node: string): Promise<void> {
  for (const folder of await foldersOf(node))
    for (const cgroup of (await descendants(folder)).toReversed()) await rmdir(cgroup).catch(() => undefined);
}

export async function remainingCgroups(node: string): Promise<readonly string[]> {
  return (await foldersOf(node)).filter((folder) => existsSync(folder));
}

/** A cgroup and all below it, parents first. */
async function descendants(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
  if (!entries) return [];
  const found = [folder];
  for (const entry of entries) if (entry.isDirectory()) found.push(...(await descendants(join(folder, entry.name))));
  return found;
}
