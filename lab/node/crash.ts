import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { nodeStates } from '../api.ts';
import type { Artefacts } from '../build/all.ts';
import { madeFromFile, nodeNamed } from '../cluster.ts';
import { processesInCgroups, removeCgroups, thawCgroups } from '../host/cgroups.ts';
import { isAlive, kill } from '../host/lab-processes.ts';
import { removeLink } from '../host/network.ts';
import { nodePid } from '../node-exec.ts';
import { networkOfLab } from '../network-kind.ts';
import { connectToPods, podRoutesOf } from './pod-routes.ts';
import { startNode } from './start.ts';

/*
 * A node without current, and the same node started anew: its disk is as it
 * was; its processes, its memory and its network are gone.
 */

const roundMs = 20;
const rounds = 500;

/** Ends all of a node's processes at once, by its first one. */
export async function crashNode(name: string): Promise<void> {
  const node = nodeNamed(name);
  const first = nodePid(node);
  if (first === undefined) throw new Error(`node ${name} does not run`);
  // First, as without current: dying sockets say FIN, and a node that has lost its current says nothing.
  await removeLink(node);
  kill(first);
  for (let round = 0; isAlive(first) || (await processesInCgroups(name)).length > 0; round += 1) {
    if (round === rounds) throw new Error(`processes of node ${name} do not end`);
    // What is frozen takes the signal only when it is thawed, and a process namespace ends with its last process.
    await thawCgroups(name);
    await sleep(roundMs);
  }
  await removeCgroups(name);
}

/** Starts a node that has crashed; its services are on their way when this resolves. */
export async function bootNode(name: string): Promise<void> {
  const node = nodeNamed(name);
  await startNode(node, JSON.parse(await readFile(madeFromFile, 'utf8')) as Artefacts);
  if (networkOfLab() === 'routes') await connectToPods(node, podRoutesOf(await nodeStates()));
}
