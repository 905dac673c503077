import { type FileHandle, open } from 'node:fs/promises';
import type { Log } from '../../log/log.ts';
import type { Channel } from '../transfer/channel.ts';
import type { LogFile } from './log-file.ts';

/** A kubelet rotates a log at 10 MiB, unless told otherwise (containerLogMaxSize), and shows the newest file. */
const mostBytes = 10 * 1024 * 1024;
const chunkBytes = 256 * 1024;

interface State {
  readonly container: string;
  readonly file: LogFile;
  /** Where the next pass begins; undefined before the first. */
  offset: number | undefined;
}

/** Where to read: after a rotation from the beginning of the new file, at first no more than a kubelet would keep. */
export const beginningOf = (offset: number | undefined, size: number): number => {
  if (offset === undefined) return Math.max(0, size - mostBytes);
  return offset <= size ? offset : 0;
};

const readFrom = async (handle: FileHandle, from: number, size: number): Promise<Buffer> => {
  const length = Math.min(size - from, mostBytes);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, from);
  return buffer.subarray(0, bytesRead);
};

/** Whole lines only: the runtime may be in the middle of one. */
const news = async ({ file, offset }: State): Promise<{ readonly bytes: Buffer; readonly next: number }> => {
  const handle = await open(file.path, 'r');
  try {
    const { size } = await handle.stat();
    const from = beginningOf(offset, size);
    const read = await readFrom(handle, from, size);
    const bytes = read.subarray(0, read.lastIndexOf('\n') + 1);
    return { bytes, next: from + bytes.length };
  } finally {
    await handle.close();
  }
};

/** Keeps what a target has of each container's log, and sends what it lacks. */
export interface LogSync {
  /** Rejects only when the connection does: a log that cannot be read keeps no pod from moving. */
  pass(signal: AbortSignal): Promise<void>;
}

export const openLogSync = (
  channel: Channel,
  logs: readonly Pick<State, 'container' | 'file'>[],
  log: Log,
): LogSync => {
  const states: State[] = logs.map((each) => ({ ...each, offset: undefined }));
  const send = async (state: State, signal: AbortSignal): Promise<void> => {
    const found = await news(state).catch((error: unknown) => {
      log.warn({ error, container: state.container }, 'Could not read the log of a container that moves');
      return undefined;
    });
    if (!found || found.bytes.length === 0) return;
    const isFirst = state.offset === undefined;
    await channel.say({ say: 'log', container: state.container, isFirst }, signal);
    for (let from = 0; from < found.bytes.length; from += chunkBytes)
      await channel.send(found.bytes.subarray(from, from + chunkBytes), signal);
    await channel.send(Buffer.alloc(0), signal);
    state.offset = found.next;
  };
  return {
    async pass(signal) {
      for (const state of states) await send(state, signal);
    },
  };
};
