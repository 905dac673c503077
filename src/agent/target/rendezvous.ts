import { rm } from 'node:fs/promises';
import { ReasonedError } from '../../api/reasons.ts';
import { holdLifeline } from '../doorbell/lifeline.ts';
import { reply } from '../doorbell/reply.ts';

/** A `transship-runc create` that waits for its verdict; it takes one. */
export interface Rendezvous {
  /** Aborts when it was ended from outside: nobody waits there any more, or what was restored belongs to nobody. */
  readonly lost: AbortSignal;
  /** Lets it restore the image; resolves with the code of `runc restore`. */
  restore(image: string, signal: AbortSignal): Promise<number>;
  /** Lets it start as any container does. */
  start(): Promise<void>;
  /** Makes `create` fail with a sentence; does nothing once it has been let go. */
  refuse(sentence: string): Promise<void>;
  /** Listens no more, and removes the FIFOs that a script which was killed has left. */
  close(): Promise<void>;
}

const lifeOf = (path: string): string => `${path}.life`;

/** @param path the FIFO on which it waits. */
export const openRendezvous = (path: string, containerID: string): Rendezvous => {
  const container = `container ${containerID.slice(0, 12)}`;
  const ended = Promise.withResolvers<number>();
  ended.promise.catch(() => undefined); // whoever restores is told
  const lost = new AbortController();
  let isGone = false;
  let hasTold = false;
  const life = holdLifeline(lifeOf(path), {
    onLine(line) {
      const code = /^restored (\d{1,3})$/.exec(line)?.[1];
      if (code === undefined) return;
      hasTold = true;
      ended.resolve(Number(code));
    },
    onEnd() {
      if (hasTold) return;
      const error = new ReasonedError(
        'TargetPodGone',
        `the start of ${container}, which was to be restored, was ended from outside`,
      );
      ended.reject(error);
      lost.abort(error);
    },
  });
  return {
    lost: lost.signal,
    async restore(image, signal) {
      isGone = true;
      const abort = (): void => ended.reject(signal.reason as Error);
      signal.throwIfAborted();
      signal.addEventListener('abort', abort, { once: true });
      try {
        if (!(await reply(path, `restore ${image}`)))
          throw new ReasonedError('TargetPodGone', `${container} no longer waits at the rendezvous`);
        return await ended.promise;
      } finally {
        signal.removeEventListener('abort', abort);
      }
    },
    async start() {
      isGone = true;
      life.close();
      await reply(path, 'start');
    },
    async refuse(sentence) {
      life.close();
      if (!isGone) await reply(path, `fail ${sentence}`);
      isGone = true;
    },
    async close() {
      life.close();
      await Promise.all([rm(path, { force: true }), rm(lifeOf(path), { force: true })]);
    },
  };
};

/** One that another process of this agent had opened: it can only be told that nothing comes. */
export const abandonedRendezvous = (path: string): Rendezvous => ({
  lost: new AbortController().signal,
  restore: () => Promise.reject(new Error('An earlier agent has been asked for the image')),
  start: () => Promise.reject(new Error('An earlier agent has been asked for the image')),
  async refuse(sentence) {
    await reply(path, `fail ${sentence}`);
  },
  close: () => Promise.all([rm(path, { force: true }), rm(lifeOf(path), { force: true })]).then(() => undefined),
});
