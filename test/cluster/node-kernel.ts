import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cgroupName, nodes } from '../../lab/cluster.ts';
import { outcomeInNode, runInNode } from '../../lab/node-exec.ts';
import { tablesIn } from '../../src/agent/connections/found-tables.ts';
import type { TableKind } from '../../src/agent/connections/tables.ts';

/*
 * What a move could leave behind in the kernel of a node.
 */

/** The freezer of cgroup v1, or, where there is none, the one hierarchy of v2: its state is in another file. */
const freezers = [
  { root: '/sys/fs/cgroup/freezer', file: 'freezer.state', frozen: 'FROZEN' },
  { root: '/sys/fs/cgroup', file: 'cgroup.freeze', frozen: '1' },
] as const;

const isFrozenIn = async (folder: string): Promise<boolean> => {
  for (const { root, file, frozen } of freezers) {
    if (!folder.startsWith(root)) continue;
    const state = await readFile(join(folder, file), 'utf8').catch(() => ''); // another hierarchy, or it has just gone
    if (state.trim() === frozen) return true;
  }
  return false;
};

const cgroupsOf = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []); // no such hierarchy
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
};

/** The cgroups of a node in which processes stand still. */
export const frozenCgroupsOf = async (node: string): Promise<readonly string[]> => {
  const folders = (await Promise.all(freezers.map(({ root }) => cgroupsOf(join(root, cgroupName(node)))))).flat();
  const frozen = await Promise.all(folders.map(isFrozenIn));
  return folders.filter((_, index) => frozen[index]);
};

/** The cgroups of the whole lab in which processes stand still. */
export const frozenCgroups = async (): Promise<readonly string[]> =>
  (await Promise.all(nodes.map(({ name }) => frozenCgroupsOf(name)))).flat();

/** The tables of nftables in the network namespace of a pod. */
export const nftTablesOf = async (node: string, podUID: string): Promise<string> => {
  const find = 'grep -l -- "$1" /proc/[0-9]*/cgroup | head -n 1 | cut -d/ -f3';
  const pid = (await runInNode(node, ['sh', '-c', find, 'find', `pod${podUID}`])).trim();
  if (pid === '') throw new Error(`pod ${podUID} has no process on ${node}`);
  return runInNode(node, ['nsenter', '-t', pid, '-n', 'nft', 'list', 'tables']);
};

/** Routes of any table that a node has for exactly this address. */
export const routesFor = async (node: string, ip: string): Promise<string> =>
  (await outcomeInNode(node, ['ip', '-4', 'route', 'show', 'table', 'all', 'root', `${ip}/32`])).stdout;

/** Which tables of ours a node has for the connections of the pod with this address. */
export const connectionTablesOf = async (node: string, ip: string): Promise<readonly TableKind[]> =>
  tablesIn(await runInNode(node, ['nft', 'list', 'tables', 'ip'])).flatMap((table) =>
    table.ip === ip ? table.kind : [],
  );
