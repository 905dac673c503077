import type { Clock } from '../../clock/clock.ts';
import type { Channel } from '../transfer/channel.ts';
import { type Enclose, enclosed } from './enclosed.ts';
import type { Root } from './roots.ts';
import { Tree } from './tree.ts';
import type { Life } from './vanished.ts';
import { nothingWritten, writtenThrough } from './written-through.ts';

/** How much there is to look through, and how long the last look took. */
export interface Walk {
  readonly files: number;
  readonly ms: number;
}

/** Keeps what a target has of each tree, and sends what it lacks. */
export interface FileSync {
  /** Sends what has changed since the last pass; the first one sends everything, and the last is that of a frozen source. */
  pass(life: Life, signal: AbortSignal): Promise<Walk>;
  close(): void;
}

export interface FileSyncOptions {
  /** Of the pod: they may be writing to files that they have mapped. */
  readonly processes: () => Promise<readonly number[]>;
  readonly clock: Clock;
  readonly enclose?: Enclose;
}

export const openFileSync = (
  channel: Channel,
  roots: readonly Root[],
  { processes, clock, enclose = enclosed }: FileSyncOptions,
): FileSync => {
  let written = nothingWritten;
  const trees = roots.map((root) => new Tree(root, { channel, clock, enclose }));
  return {
    async pass(life, signal) {
      // Before the files are looked at, and again in the last pass: one that is not mapped any more may have been written.
      written = await writtenThrough(await processes(), written);
      for (const tree of trees) await tree.pass({ life, written, signal });
      return {
        files: trees.reduce((sum, tree) => sum + tree.files, 0),
        ms: trees.reduce((sum, tree) => sum + tree.walkMs, 0),
      };
    },
    close() {
      for (const tree of trees) tree.close();
    },
  };
};
