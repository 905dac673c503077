import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { inHost, start } from '../host/command.ts';
import { onHost } from '../host/paths.ts';
import type { Channel } from '../transfer/channel.ts';
import { bytesOf } from './file-name.ts';
import { type Difference, difference, isEmpty } from './difference.ts';
import type { Root } from './roots.ts';
import { type Survey, survey } from './survey.ts';
import { isWrittenThrough, nothingWritten, writtenThrough } from './written-through.ts';

/** Reads names from its input, so it can be started ahead and costs nothing until it gets some. */
const packer = (root: Root): Packer => {
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
  const complaints = text(tar.stderr ?? Readable.from([]));
  complaints.catch(() => undefined); // whoever asks for them is told
  return { process: tar, complaints };
};

interface Packer {
  readonly process: ChildProcess;
  /** What it has to say, once it has ended. */
  readonly complaints: Promise<string>;
}

/** tar's words for a file that was deleted between the survey and its turn. */
const isOfDeletion = (line: string): boolean =>
  /: (Cannot (stat|open|readlink|savedir): No such file or directory|File removed before we read it)$/.test(line) ||
  line.endsWith('Exiting with failure status due to previous errors');

export type Life = 'running' | 'frozen';

/**
 * 1 means that a file changed while it was read, and 2, here, that one is gone: the next pass sees to both. There is none
 * after the last, in which nothing can have gone.
 */
const check = async (code: number | null, { complaints }: Packer, { path }: Root, life: Life): Promise<void> => {
  if (code === 0 || code === 1) return;
  const said = (await complaints).trim().split('\n');
  if (life === 'running' && code === 2 && said.every(isOfDeletion)) return;
  throw new Error(`tar ended with ${code ?? 'a signal'} on ${path}: ${said.slice(-3).join(' | ')}`);
};

const maxChunk = 1024 * 1024;

const sendDifference = async (
  channel: Channel,
  { root, packer: packing, life }: { readonly root: Root; readonly packer: Packer; readonly life: Life },
  { changed, removed }: Difference,
  signal: AbortSignal,
): Promise<void> => {
  const tar = packing.process;
  await channel.say({ say: 'tree', root: root.name, removed: [...removed] }, signal);
  const ended =
    tar.exitCode === null ? (once(tar, 'close') as Promise<[number | null]>) : Promise.resolve([tar.exitCode] as const);
  tar.stdin?.end(bytesOf(changed.map((path) => `./${path}\0`).join('')));
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
  await check(code, packing, root, life);
  await channel.send(Buffer.alloc(0), signal);
};

/** Keeps what a target has of each tree, and sends what it lacks. */
export interface FileSync {
  /** Sends what has changed since the last pass; the first one sends everything, and the last is that of a frozen source. */
  pass(life: Life, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** @param processes of the pod, which may be writing to files that they have mapped */
export const openFileSync = (
  channel: Channel,
  roots: readonly Root[],
  processes: () => Promise<readonly number[]>,
): FileSync => {
  let written = nothingWritten;
  const states = roots.map((root) => ({ root, sent: new Map() as Survey, packer: packer(root) }));
  return {
    async pass(life, signal) {
      // Before the files are looked at, and again in the last pass: one that is not mapped any more may have been written.
      written = await writtenThrough(await processes(), written);
      for (const state of states) {
        const { path: place, mounted } = state.root;
        const now = await survey(onHost(place), mounted && onHost(mounted));
        const isOverlay = mounted !== undefined;
        const change = difference(state.sent, now, (path, entry) => isWrittenThrough(written, path, entry, isOverlay));
        if (isEmpty(change)) continue;
        await sendDifference(channel, { ...state, life }, change, signal);
        state.sent = now;
        state.packer = packer(state.root);
      }
    },
    close() {
      for (const state of states) state.packer.process.kill('SIGKILL');
    },
  };
};
