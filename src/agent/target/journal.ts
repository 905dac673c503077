import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { journalDirectory } from '../host/paths.ts';
import { packetHold } from '../network/packet-hold.ts';

const containerEntry = z.object({
  name: z.string(),
  id: z.string(),
  /** The FIFO on which its wrapper waits for a verdict. */
  reply: z.string(),
  /** Name of the folder of its image. */
  image: z.string(),
});
export type ContainerEntry = z.infer<typeof containerEntry>;

/**
 * What another process of this agent must know of a target that this one may
 * leave standing at the rendezvous, held, or just released. Written before
 * anything is changed for it.
 */
const targetEntry = z.object({
  migrationUID: z.string(),
  namespace: z.string(),
  name: z.string(),
  podUID: z.string(),
  /** In the order in which they have come. */
  containers: z.array(containerEntry),
  hold: packetHold,
  /** The node's end of its link. */
  hostVeth: z.string(),
});
export type TargetEntry = z.infer<typeof targetEntry>;

const pathOf = (podUID: string) => join(journalDirectory, `target-${podUID}.json`);

export const writeEntry = async (entry: TargetEntry): Promise<void> => {
  await mkdir(journalDirectory, { recursive: true, mode: 0o700 });
  const path = pathOf(entry.podUID);
  await writeFile(`${path}.new`, JSON.stringify(entry), { mode: 0o600 });
  await rename(`${path}.new`, path);
};

export const removeEntry = (podUID: string): Promise<void> => rm(pathOf(podUID), { force: true });

export const readEntries = async (): Promise<readonly TargetEntry[]> => {
  const names = await readdir(journalDirectory).catch(() => []); // nothing has ever come here
  const texts = await Promise.all(
    names
      .filter((n) => n.startsWith('target-') && n.endsWith('.json'))
      .map((n) => readFile(join(journalDirectory, n), 'utf8')),
  );
  return texts.map((text) => targetEntry.parse(JSON.parse(text)));
};
