import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { start } from '../host/command.ts';
import type { Enclose } from './enclosed.ts';
import { bytesOf } from './file-name.ts';
import type { Root } from './roots.ts';
import { type Life, missedIn, nothingButVanished } from './vanished.ts';

/** A tar that has been started and waits for names. Only once. */
export interface Packer {
  /** The archive of these paths in chunks. What goes meanwhile is left out, while the tree is in use. */
  pack(paths: readonly string[], life: Life, signal: AbortSignal): AsyncGenerator<Buffer>;
  /** What has been left out. It may be there again, as it was, when a folder above it comes back. */
  missed(): readonly string[];
  close(): void;
}

/**
 * What overlay keeps for itself in its layers (fs/overlayfs/overlayfs.h). Through a mounted overlay it would become an
 * attribute that the source does not have.
 */
const withoutOverlays = ['--xattrs-exclude=trusted.overlay.*', '--xattrs-exclude=user.overlay.*'];

const commandOf = ({ mounted }: Root): readonly string[] => [
  ...['tar', '--create', '--xattrs', ...(mounted === undefined ? [] : withoutOverlays), '--numeric-owner', '--sparse'],
  ...['--no-recursion', '--null', '--file=-', '--files-from=-'],
];

/** tar ends with 1 when a file changed while it was read, and with 2, here, when one is gone: the next pass sees to both. */
const isExpected = (code: number | null, said: string, life: Life): boolean =>
  code === 0 || code === 1 || (life === 'running' && code === 2 && nothingButVanished(said));

const exitOf = (tar: ChildProcess): Promise<number | null> =>
  once(tar, 'close').then(
    ([code]) => code as number | null,
    () => null, // it could not be started
  );

export const openPacker = (root: Root, enclose: Enclose): Packer => {
  const tar = start(enclose(root.path, commandOf(root)));
  tar.stdin?.on('error', () => undefined); // it has ended: its code tells
  const ended = exitOf(tar);
  const complaints = text(tar.stderr ?? Readable.from([]));
  complaints.catch(() => undefined); // whoever asks for them is told
  let missed: readonly string[] = [];
  return {
    missed: () => missed,
    async *pack(paths, life, signal) {
      const stop = (): boolean => tar.kill('SIGKILL');
      signal.addEventListener('abort', stop, { once: true });
      try {
        tar.stdin?.end(bytesOf(paths.map((path) => `./${path}\0`).join('')));
        for await (const chunk of tar.stdout ?? []) yield chunk as Buffer;
        const code = await ended;
        signal.throwIfAborted();
        const said = await complaints;
        missed = missedIn(said);
        if (isExpected(code, said, life)) return;
        const last = said.trim().split('\n').slice(-3).join(' | ').slice(-600);
        throw new Error(`tar ended with ${code ?? 'a signal'} on ${root.path}: ${last}`);
      } finally {
        signal.removeEventListener('abort', stop);
      }
    },
    close() {
      tar.kill('SIGKILL');
    },
  };
};
