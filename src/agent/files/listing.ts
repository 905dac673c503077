import type { ChildProcess } from 'node:child_process';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { start } from '../host/command.ts';
import { nothingButCriuFolders } from './criu-folder.ts';
import type { Enclose } from './enclosed.ts';
import { type Life, nothingButVanished } from './vanished.ts';

/*
 * A tree is listed by find(1): it asks the kernel for a million files in about a
 * second, Node.js in half a minute, and it never names a path longer than one
 * name to the kernel, so that no depth is too deep for it.
 */

/** `DEV:INODE CTIME SIZE MODE UID:GID KIND`, and the path below the tree; each ends with a NUL. */
const format = String.raw`%D:%i %C@ %s %m %U:%G %y\0%P\0`;

/**
 * Files as find has seen them: the stamp of one, its path, the stamp of the next, and so on. With a million files in the
 * freeze an object for each would be a second. Paths have one character for each byte (file-name.ts); that of the tree
 * itself is empty.
 */
export type Listed = readonly string[];

/** The last of what find prints of a file: f, d, l, c, b, p, s. */
export const kindIn = (stamp: string): string => stamp.charAt(stamp.length - 1);

/** A find that has been started, and lists nothing before it is asked to: in a freeze nobody waits for its start. */
export interface Lister {
  /** Files in the order of find, folders before what is in them. Only once. What goes meanwhile is left out, while the tree is in use. */
  list(life: Life, signal: AbortSignal): AsyncGenerator<Listed>;
  close(): void;
}

/** Cuts what find prints into pairs, however it comes in. */
export async function* pairsOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Listed> {
  let rest = '';
  for await (const chunk of chunks) {
    const parts = (rest + chunk.toString('latin1')).split('\0');
    const whole = parts.length - 1 - ((parts.length - 1) % 2);
    rest = parts.slice(whole).join('\0');
    yield parts.slice(0, whole);
  }
}

const exitOf = (child: ChildProcess): Promise<number | null> => {
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.on('error', () => resolve(null));
  child.on('close', (code) => resolve(code));
  return promise;
};

export const openLister = (tree: string, enclose: Enclose): Lister => {
  const wait = ['sh', '-c', 'read -r _ && exec "$@"', 'wait'];
  const find = start(enclose(tree, [...wait, 'find', '.', '-printf', format]));
  find.stdin?.on('error', () => undefined); // it has ended: its code tells
  const ended = exitOf(find);
  const complaints = text(find.stderr ?? Readable.from([]));
  complaints.catch(() => undefined); // whoever asks for them is told
  return {
    async *list(life, signal) {
      const stop = (): boolean => find.kill('SIGKILL');
      signal.addEventListener('abort', stop, { once: true });
      try {
        find.stdin?.end('\n');
        yield* pairsOf(find.stdout ?? Readable.from([]));
        const code = await ended;
        signal.throwIfAborted();
        if (code === 0) return;
        const said = await complaints;
        const isHarmless = life === 'running' ? nothingButVanished : nothingButCriuFolders;
        if (code === 1 && isHarmless(said)) return;
        throw new Error(`find ended with ${code ?? 'a signal'} on ${tree}: ${said.trim().slice(-300)}`);
      } finally {
        signal.removeEventListener('abort', stop);
      }
    },
    close() {
      find.kill('SIGKILL');
    },
  };
};
