import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { departedDirectory, keptDirectory } from '../host/paths.ts';
import type { RouteKeeper } from '../network/route-keeper.ts';

export interface Departed {
  readonly podUID: string;
  readonly sandboxID: string;
  readonly hostVeth: string;
}

/** With its link the network of the pod is gone, and everything that could have spoken there. */
const isGone = (error: unknown): boolean => error instanceof Error && error.message.includes('Cannot find device');

const cut = (routes: RouteKeeper, { hostVeth }: Departed): Promise<boolean> =>
  routes.apply(`link set dev ${hostVeth} down`).then(
    () => true,
    (error: unknown) => {
      if (isGone(error)) return false;
      throw error;
    },
  );

/**
 * After the commit the source must never run again, and must leave quietly: its
 * link goes down, because a dying socket's FIN would reach the client with the
 * address that the target now has. The kubelet kills it when the controller
 * deletes the pod; until then it stays frozen, and `transship-runc` does not let
 * it be started anew. Its address is not given back to the node's network. Of a
 * source that has been killed already the kernel still has the sockets, which
 * repeat their FIN for as long as the sandbox stands.
 */
export const fence = async (routes: RouteKeeper, pod: Departed): Promise<void> => {
  if (!(await cut(routes, pod))) return;
  await Promise.all([
    writeFile(join(departedDirectory, pod.podUID), ''),
    writeFile(join(keptDirectory, pod.sandboxID), ''),
  ]);
};
