import { closeSync, constants, type FSWatcher, openSync, watch, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ReasonedError } from '../../api/reasons.ts';
import type { ImageDirectory } from '../checkpoint/image-directory.ts';
import { holdLifeline, type Lifeline } from '../doorbell/lifeline.ts';

/** A `transship-runc create` that waits for its verdict; it takes one, or two when the first lets it stand in. */
export interface Rendezvous {
  /** Aborts when it was ended from outside: nobody waits there any more, or what was restored belongs to nobody. */
  readonly lost: AbortSignal;
  /** Lets `create` end and leave a process behind that stands in for the container, and waits for the image in its place. */
  standIn(): void;
  /** Lets it restore the image; resolves with the code of `runc restore`, or 1 where that is told to the runtime alone. */
  restore(image: Pick<ImageDirectory, 'path' | 'logs'>, signal: AbortSignal): Promise<number>;
  /**
   * Resolves when no restore is under way. A wrapper that has been told of an image cannot be called back: its runc makes
   * the folder of the image anew where it is gone (libcontainer, getCheckpointImagePath), and CRIU a tree where there was none.
   */
  settled(signal: AbortSignal): Promise<void>;
  /** Lets it start as any container does. */
  start(): void;
  /** Makes `create` fail with a sentence; does nothing once it has been let go. */
  refuse(sentence: string): void;
  /** Listens no more, and removes the FIFOs that a script which was killed has left. */
  close(): Promise<void>;
}

const lifeOf = (path: string): string => `${path}.life`;

const removeFifos = async (path: string): Promise<void> => {
  await Promise.all([rm(path, { force: true }), rm(lifeOf(path), { force: true })]);
};

interface Reply {
  readonly say: (word: string) => void;
  /** After it the wrapper hears nothing more. */
  readonly last: (word: string) => void;
}

/**
 * Our end of the FIFO on which a wrapper waits. For as long as this process has
 * it the wrapper knows that somebody is there. Both ways, because a FIFO that
 * nobody reads yet cannot be opened for writing alone.
 */
const takeReply = (path: string): Reply | undefined => {
  try {
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    writeSync(fd, 'waiting\n');
    let isOpen = true;
    const say = (word: string): void => {
      if (isOpen) writeSync(fd, `${word.replaceAll(/\s+/g, ' ').slice(0, 3500)}\n`);
    };
    return {
      say,
      last(word) {
        say(word);
        if (isOpen) closeSync(fd);
        isOpen = false;
      },
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined; // the lifeline tells
    throw error;
  }
};

/** runc writes the file in one piece when it has restored: under another name, and renames it (utils_linux.go, createPidFile). */
const onceWritten = (path: string, then: () => void): FSWatcher =>
  watch(dirname(path), (_event, name) => {
    if (name === basename(path)) then();
  });

/** @param path the FIFO on which it waits. */
export const openRendezvous = (path: string, containerID: string): Rendezvous => {
  const container = `container ${containerID.slice(0, 12)}`;
  const ended = Promise.withResolvers<number>();
  ended.promise.catch(() => undefined); // whoever restores is told
  const over = Promise.withResolvers<undefined>();
  const lost = new AbortController();
  let isTold = false;
  let hasTold = false;
  let standsIn = false;
  let watcher: FSWatcher | undefined;
  const settle = (code: number): void => {
    watcher?.close();
    hasTold = true;
    over.resolve(undefined);
    ended.resolve(code);
  };
  const life: Lifeline = holdLifeline(lifeOf(path), {
    onLine(line) {
      const code = /^restored (\d{1,3})$/.exec(line)?.[1];
      if (code !== undefined) settle(Number(code));
    },
    onEnd() {
      over.resolve(undefined);
      // A runc that waits for the container it has restored is the runtime's to look after.
      if (standsIn && isTold && !hasTold) settle(1);
      if (hasTold) return;
      const error = new ReasonedError(
        'TargetPodGone',
        `the start of ${container}, which was to be restored, was ended from outside`,
      );
      ended.reject(error);
      lost.abort(error);
    },
  });
  const answer = takeReply(path);
  return {
    lost: lost.signal,
    standIn() {
      standsIn = true;
      answer?.say('stand');
    },
    async restore(image, signal) {
      const abort = (): void => ended.reject(signal.reason as Error);
      signal.throwIfAborted();
      signal.addEventListener('abort', abort, { once: true });
      if (standsIn) watcher = onceWritten(join(image.logs, 'pid'), () => settle(0));
      try {
        isTold = true;
        answer?.last(`restore ${image.path}`);
        return await ended.promise;
      } finally {
        signal.removeEventListener('abort', abort);
      }
    },
    async settled(signal) {
      if (!isTold) return;
      signal.throwIfAborted();
      const { promise, reject } = Promise.withResolvers<never>();
      const abort = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', abort, { once: true });
      try {
        await Promise.race([over.promise, promise]);
      } finally {
        signal.removeEventListener('abort', abort);
      }
    },
    start() {
      life.close();
      answer?.last('start');
    },
    refuse(sentence) {
      life.close();
      answer?.last(`fail ${sentence}`);
    },
    async close() {
      watcher?.close();
      life.close();
      answer?.last('fail nobody waits for it any more');
      await removeFifos(path);
    },
  };
};

/** One that another process of this agent had opened: the wrapper has gone with that process. */
export const abandonedRendezvous = (path: string): Rendezvous => ({
  lost: new AbortController().signal,
  standIn: () => undefined,
  restore: () => Promise.reject(new Error('An earlier agent has been asked for the image')),
  settled: () => Promise.resolve(),
  start: () => undefined,
  refuse: () => undefined,
  close: () => removeFifos(path),
});
