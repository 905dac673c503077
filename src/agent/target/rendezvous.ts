import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { ReasonedError } from '../../api/reasons.ts';
import { holdLifeline, type Lifeline } from '../doorbell/lifeline.ts';

/** A `transship-runc create` that waits for its verdict; it takes one. */
export interface Rendezvous {
  /** Aborts when it was ended from outside: nobody waits there any more, or what was restored belongs to nobody. */
  readonly lost: AbortSignal;
  /** Lets it restore the image; resolves with the code of `runc restore`. */
  restore(image: string, signal: AbortSignal): Promise<number>;
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

/**
 * Our end of the FIFO on which a wrapper waits. For as long as this process has
 * it the wrapper knows that somebody is there. Both ways, because a FIFO that
 * nobody reads yet cannot be opened for writing alone.
 */
const takeReply = (path: string): ((word: string) => void) | undefined => {
  try {
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    writeSync(fd, 'waiting\n');
    let isOpen = true;
    return (word) => {
      if (!isOpen) return;
      isOpen = false;
      writeSync(fd, `${word.replaceAll(/\s+/g, ' ').slice(0, 3500)}\n`);
      closeSync(fd);
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined; // the lifeline tells
    throw error;
  }
};

/** @param path the FIFO on which it waits. */
export const openRendezvous = (path: string, containerID: string): Rendezvous => {
  const container = `container ${containerID.slice(0, 12)}`;
  const ended = Promise.withResolvers<number>();
  ended.promise.catch(() => undefined); // whoever restores is told
  const over = Promise.withResolvers<undefined>();
  const lost = new AbortController();
  let isTold = false;
  let hasTold = false;
  const life: Lifeline = holdLifeline(lifeOf(path), {
    onLine(line) {
      const code = /^restored (\d{1,3})$/.exec(line)?.[1];
      if (code === undefined) return;
      hasTold = true;
      over.resolve(undefined);
      ended.resolve(Number(code));
    },
    onEnd() {
      over.resolve(undefined);
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
    async restore(image, signal) {
      const abort = (): void => ended.reject(signal.reason as Error);
      signal.throwIfAborted();
      signal.addEventListener('abort', abort, { once: true });
      try {
        isTold = true;
        answer?.(`restore ${image}`);
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
      answer?.('start');
    },
    refuse(sentence) {
      life.close();
      answer?.(`fail ${sentence}`);
    },
    async close() {
      life.close();
      answer?.('fail nobody waits for it any more');
      await removeFifos(path);
    },
  };
};

/** One that another process of this agent had opened: the wrapper has gone with that process. */
export const abandonedRendezvous = (path: string): Rendezvous => ({
  lost: new AbortController().signal,
  restore: () => Promise.reject(new Error('An earlier agent has been asked for the image')),
  settled: () => Promise.resolve(),
  start: () => undefined,
  refuse: () => undefined,
  close: () => removeFifos(path),
});
