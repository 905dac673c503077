import { z } from 'zod';
import { entriesOf } from '../journal/entries.ts';
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

const entries = entriesOf('target', targetEntry);
export const { read: readEntries, unreadable: unreadableEntries } = entries;

export const writeEntry = (entry: TargetEntry): Promise<void> => entries.write(entry.podUID, entry);

export const removeEntry = (podUID: string): Promise<void> => entries.remove(podUID);
