import { ReasonedError } from '../../api/reasons.ts';
import { reply } from '../doorbell/reply.ts';

/** A `transship-runc create` that waits for its verdict; it takes one. */
export interface Rendezvous {
  /** Lets it restore the image; resolves with the code of `runc restore`. */
  restore(image: string, signal: AbortSignal): Promise<number>;
  /** The doorbell's word about the end of the restore. */
  restored(code: number): void;
  /** Makes `create` fail with a sentence; does nothing once it has been let go. */
  refuse(sentence: string): Promise<void>;
}

/** @param path the FIFO on which it waits. */
export const rendezvousAt = (path: string, podName: string): Rendezvous => {
  const ended = Promise.withResolvers<number>();
  ended.promise.catch(() => undefined); // whoever restores is told
  let isGone = false;
  return {
    async restore(image, signal) {
      isGone = true;
      const abort = (): void => ended.reject(signal.reason as Error);
      signal.throwIfAborted();
      signal.addEventListener('abort', abort, { once: true });
      try {
        if (!(await reply(path, `restore ${image}`)))
          throw new ReasonedError('TargetPodGone', `target pod ${podName} no longer waits at the rendezvous`);
        return await ended.promise;
      } finally {
        signal.removeEventListener('abort', abort);
      }
    },
    restored: (code) => ended.resolve(code),
    async refuse(sentence) {
      if (!isGone) await reply(path, `fail ${sentence}`);
      isGone = true;
    },
  };
};
