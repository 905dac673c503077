import type { SocketFile } from '../transfer/frame.ts';
import type { Difference } from './difference.ts';
import type { Entry, Survey } from './survey.ts';

/*
 * What is said of a tree besides its archive. A message is read whole, so a
 * million deleted files take several.
 */

/** A quarter of the largest frame (../transfer/frame.ts): JSON writes a byte that is not ASCII in up to six. */
const mostCharacters = 512 * 1024;

const isSocket = (path: string, survey: Survey): boolean => survey.get(path)?.kind === 's';

const socketOf = (path: string, { stamp }: Entry): SocketFile => {
  const [, , , mode = '', owner = ''] = stamp.split(' ');
  const [uid, gid] = owner.split(':').map(Number);
  return { path, mode: Number.parseInt(mode, 8), uid: uid ?? 0, gid: gid ?? 0 };
};

/** At least one batch, be it an empty one. */
const inBatches = <T>(things: readonly T[], charactersOf: (thing: T) => number): readonly (readonly T[])[] => {
  const batches: T[][] = [[]];
  let characters = 0;
  for (const thing of things) {
    characters += charactersOf(thing);
    if (characters > mostCharacters) {
      batches.push([]);
      characters = charactersOf(thing);
    }
    batches.at(-1)?.push(thing);
  }
  return batches;
};

export interface TreeMessage {
  readonly removed: readonly string[];
  /** Paths of the archive that goes with it. */
  readonly packed: readonly string[];
  readonly sockets: readonly SocketFile[];
}

const overhead = 64;

/**
 * As tar is to find it. A folder is named by what is in it: one that has become a link since would be packed as a link,
 * and what was in it, which may be there again by its turn, would lie behind that link.
 */
const nameFor = (path: string, survey: Survey): string => (survey.get(path)?.kind === 'd' ? `${path}/.` : path);

/** The messages that tell of a difference, in their order: what is in the way goes first, and sockets need their folders. */
export const messagesFor = ({ changed, removed }: Difference, now: Survey): readonly TreeMessage[] => {
  const packed = changed.filter((path) => !isSocket(path, now)).map((path) => nameFor(path, now));
  const sockets = changed.flatMap((path) => {
    const entry = now.get(path);
    return entry?.kind === 's' ? [socketOf(path, entry)] : [];
  });
  const removals = inBatches(removed, (path) => path.length + overhead);
  const [first = [], ...others] = inBatches(sockets, ({ path }) => path.length + overhead);
  const nothing: TreeMessage = { removed: [], packed: [], sockets: [] };
  return [
    ...removals.slice(0, -1).map((batch) => ({ ...nothing, removed: batch })),
    { removed: removals.at(-1) ?? [], packed, sockets: first },
    ...others.map((batch) => ({ ...nothing, sockets: batch })),
  ];
};
