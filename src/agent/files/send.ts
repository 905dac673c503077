import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { inHost, start } from '../host/command.ts';
import { onHost } from '../host/paths.ts';
import type { Channel } from '../transfer/channel.ts';
import { type Difference, difference, isEmpty } from './difference.ts';
import type { Root } from './roots.ts';
import { type Survey, survey } from './survey.ts';
import { isWrittenThrough, nothingWritten, writtenThrough } from './written-through.ts';

/** Reads names from its input, so it can be started ahead and costs nothing until it gets some. */
const packer = (root: Root): ChildProcess => {
  const tar = start(
    inHost([
      'tar',
      '--create',
      '--xattrs',
      '--numeric-owner',
      '--sparse',
      '--no-recursion',
      '--null',
      '--file=-',
      '--directory',
      root.path,
      '--files-from=-',
    ]),
  );
  tar.on('error', () => undefined); // 'close' follows with a code that is not 0
  tar.stdin?.on('error', () => undefined);
  tar.stderr?.resume(); // a full pipe would stop it
  return tar;
};

const maxChunk = 1024 * 1024;

const sendDifference = async (
  channel: Channel,
  { root, tar }: { readonly root: Root; readonly tar: ChildProcess },
  { changed, removed }: Difference,
  signal: AbortSignal,
): Promise<void> => {
  await channel.say({ say: 'tree', root: root.name, removed: [...removed] }, signal);
  const ended =
    tar.exitCode === null ? (once(tar, 'close') as Promise<[number | null]>) : Promise.resolve([tar.exitCode] as const);
  tar.stdin?.end(changed.map((path) => `./${path}\0`).join(''));
  const stop = (): boolean => tar.kill('SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of tar.stdout ?? []) {
      const bytes = chunk as Buffer;
      for (let from = 0; from < bytes.length; from += maxChunk)
        await channel.send(bytes.subarray(from, from + maxChunk), signal);
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
  const [code] = await ended;
  signal.throwIfAborted();
  // 1 means that a file changed while it was read: the next pass sends it again.
  if (code === null || code > 1) throw new Error(`tar ended with ${code ?? 'a signal'} on ${root.path}`);
  await channel.send(Buffer.alloc(0), signal);
};

/** Keeps what a target has of each tree, and sends what it lacks. */
export interface FileSync {
  /** Sends what has changed since the last pass; the first one sends everything. */
  pass(signal: AbortSignal): Promise<void>;
  close(): void;
}

/** @param processes of the container, which may be writing to files that they have mapped */
export const openFileSync = (
  channel: Channel,
  roots: readonly Root[],
  processes: () => Promise<readonly number[]>,
): FileSync => {
  let written = nothingWritten;
  const states = roots.map((root) => ({ root, sent: new Map() as Survey, tar: packer(root) }));
  return {
    async pass(signal) {
      // Before the files are looked at, and again in the last pass: one that is not mapped any more may have been written.
      written = await writtenThrough(await processes(), written);
      for (const state of states) {
        const { path: place, mounted } = state.root;
        const now = await survey(onHost(place), mounted && onHost(mounted));
        const isOverlay = mounted !== undefined;
        const change = difference(state.sent, now, (path, entry) => isWrittenThrough(written, path, entry, isOverlay));
        if (isEmpty(change)) continue;
        await sendDifference(channel, state, change, signal);
        state.sent = now;
        state.tar = packer(state.root);
      }
    },
    close() {
      for (const { tar } of states) tar.kill('SIGKILL');
    },
  };
};
