import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageDirectory } from '../checkpoint/image-directory.ts';
import { inheritAtRestore } from '../checkpoint/criu-config.ts';
import type { Holder } from './holder.ts';
import { readImageSockets } from './image-sockets.ts';
import { ordersFor } from './orders.ts';
import { type End, pairsOf } from './pairs.ts';

/** A container that is about to be restored. */
export interface Receiving {
  readonly name: string;
  readonly id: string;
  readonly image: Pick<ImageDirectory, 'path' | 'logs'>;
}

/** Above what runc gives to CRIU itself, and below what a process may have open by default. */
const firstInherited = 200;

/** Which descriptor of the holder a container is to have as which, and for which of its sockets. */
export interface Handed {
  readonly from: number;
  readonly to: number;
  readonly ino: number;
}

export const handedTo = (container: string, ends: readonly End[], descriptors: readonly number[]): readonly Handed[] =>
  ends
    .map((end, i) => ({ end, from: descriptors[i] ?? -1 }))
    .filter(({ end }) => end.container === container)
    .map(({ end, from }, i) => ({ from, to: firstInherited + i, ino: end.socket.ino }));

/**
 * Makes the connections between containers anew, and leaves for each of them where its CRIU finds its ends
 * (node/transship-criu). Does nothing when there are none.
 * @param program ends.pl, in the container of the holder
 */
export const handOut = async (
  containers: readonly Receiving[],
  holder: Holder,
  program: string,
  signal: AbortSignal,
): Promise<void> => {
  const pairs = pairsOf(
    await Promise.all(
      containers.map(async ({ name, image }) => ({ container: name, sockets: await readImageSockets(image.path) })),
    ),
  );
  if (pairs.length === 0) return;
  const { pid, descriptors } = await holder.make(ordersFor(pairs), signal);
  await Promise.all(
    containers.map(async ({ name, id, image }) => {
      const handed = handedTo(name, pairs.flat(), descriptors);
      if (handed.length === 0) return;
      const taken = handed.map(({ from, to }) => `${from}=${to}`);
      await inheritAtRestore(
        id,
        handed.map(({ to, ino }) => `fd[${to}]:socket:[${ino}]`),
      );
      await writeFile(join(image.logs, 'ends'), `${[pid, program, ...taken].join(' ')}\n`);
    }),
  );
};
