import type { BigIntStats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesOf, namedBy } from './file-name.ts';
import { kindIn, type Listed } from './listing.ts';

/** A tree at one moment: each path below it, and `.` for itself, with what changes when the file does. */
export type Survey = ReadonlyMap<string, Entry>;

export interface Entry {
  /**
   * Inode, change time, size, mode, owner and kind in one (listing.ts): equal stamps mean a file that nobody has written
   * to, but for those who have it mapped (written-through.ts) or wrote within one tick of the clock (fresh.ts).
   */
  readonly stamp: string;
  /** As find's %y has it: f, d, l, c, b, p, s. */
  readonly kind: string;
  /** Overlay's mark for a file of the image that the container has deleted: a character device 0:0. */
  readonly whiteout: boolean;
  /** A folder that shows nothing of what the image has in its place: the container has made it, or made it anew. */
  readonly opaque: boolean;
}

/** Which file it is, among all of the host. */
export const inodeOf = ({ dev, ino }: Pick<BigIntStats, 'dev' | 'ino'>): string => `${dev}:${ino}`;

export const inodeIn = ({ stamp }: Entry): string => stamp.slice(0, stamp.indexOf(' '));

/** Where the two sides of an overlay are to be looked at. */
export interface Layer {
  readonly upper: string;
  /** Where it is mounted. */
  readonly mounted: string;
}

/** Undefined when it has gone since it was listed. What cannot be looked at for another reason must not be left out. */
const look = async (name: string): Promise<BigIntStats | undefined> => {
  try {
    return await lstat(bytesOf(name), { bigint: true });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
};

const isWhiteout = async (path: string): Promise<boolean> => {
  const s = await look(path);
  return s !== undefined && s.isCharacterDevice() && s.rdev === 0n;
};

/**
 * A folder of the upper layer is opaque unless overlay joins it with that of the
 * image; of such a one it counts no links (fs/overlayfs/inode.c, ovl_getattr:
 * "nlink=1 seems to pacify find"). The mark itself is an extended attribute,
 * which Node.js cannot read.
 */
const isOpaque = async (folder: string): Promise<boolean> => {
  const s = await look(folder);
  return s !== undefined && s.isDirectory() && s.nlink !== 1n;
};

/** What only overlay's layers have. In a volume a device 0:0 is a file like others. */
const markedEntry = async (path: string, stamp: string, layer: Layer | undefined): Promise<Entry> => {
  const kind = kindIn(stamp);
  const entry = { stamp, kind, whiteout: false, opaque: false };
  if (!layer || path === '.') return entry;
  if (kind === 'c') return { ...entry, whiteout: await isWhiteout(join(namedBy(layer.upper), path)) };
  if (kind === 'd') return { ...entry, opaque: await isOpaque(join(namedBy(layer.mounted), path)) };
  return entry;
};

/**
 * @param before the last look: of what has its stamp the marks are known
 * @param layer of a tree that is the writable layer of an overlay
 */
export const surveyOf = async (
  listing: AsyncIterable<Listed>,
  before: Survey = new Map(),
  layer?: Layer,
): Promise<Survey> => {
  const found = new Map<string, Entry>();
  for await (const listed of listing)
    for (let index = 0; index < listed.length; index += 2) {
      const stamp = listed[index] ?? '';
      const path = listed[index + 1] || '.';
      const known = before.get(path);
      found.set(path, known?.stamp === stamp ? known : await markedEntry(path, stamp, layer));
    }
  return found;
};
