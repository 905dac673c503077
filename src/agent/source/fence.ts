import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { departedDirectory, keptDirectory } from '../host/paths.ts';
import type { RouteKeeper } from '../network/route-keeper.ts';

export interface Departed {
  readonly podUID: string;
  readonly sandboxID: string;
  readonly hostVeth: string;
}

/**
 * After the commit the source must never run again, and must leave quietly: its
 * link goes down, because a dying socket's FIN would reach the client with the
 * address that the target now has. The kubelet kills it when the controller
 * deletes the pod; until then it stays frozen, and `transship-runc` does not let
 * it be started anew. Its address is not given back to the node's network.
 */
export const fence = async (routes: RouteKeeper, pod: Departed): Promise<void> => {
  await routes.apply(`link set dev ${pod.hostVeth} down`);
  await Promise.all([
    writeFile(join(departedDirectory, pod.podUID), ''),
    writeFile(join(keptDirectory, pod.sandboxID), ''),
  ]);
};
