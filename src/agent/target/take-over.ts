import { setTimeout as sleep } from 'node:timers/promises';
import { ReasonedError } from '../../api/reasons.ts';
import type { TargetPorts } from './ports.ts';
import { checkStarter } from './starter.ts';

/**
 * Some 50 ms as a rule. A node with much to do took more than 200 ms without anything being wrong, and with 400 a rollback
 * after a restart of dockerd took more than a second there (make fault: 1,126 ms).
 */
const takeOverLimitMs = 300;

const lookAgainMs = 20;

interface Restored {
  readonly ports: Pick<TargetPorts, 'runtime' | 'kubelet'>;
  readonly starter: string | undefined;
}

/** Ends only by rejecting: when the kubelet was restarted, or the signal aborts. */
const whileStarterWaits = async (restored: Restored, signal: AbortSignal): Promise<never> => {
  for (;;) {
    checkStarter(restored);
    await sleep(lookAgainMs, undefined, { signal });
  }
};

/**
 * Resolves when the runtime says that the restored container is one of its own;
 * nothing is promised before. A kubelet or runtime that was restarted meanwhile
 * knows nothing of the start: the runtime ends the restored processes, or leaves
 * them to nobody, and the kubelet starts the container anew.
 *
 * Rejects with TargetNotStarted.
 * @returns milliseconds that it took.
 */
export const takenOver = async (restored: Restored, containerID: string, signal: AbortSignal): Promise<number> => {
  const begun = performance.now();
  const limit = AbortSignal.timeout(takeOverLimitMs);
  const over = new AbortController();
  const any = AbortSignal.any([signal, limit, over.signal]);
  try {
    await Promise.race([restored.ports.runtime.untilRunning(containerID, any), whileStarterWaits(restored, any)]);
    return Math.round(performance.now() - begun);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ReasonedError) throw error;
    const why = limit.aborted ? `it has not said within ${takeOverLimitMs} ms that it runs` : (error as Error).message;
    throw new ReasonedError('TargetNotStarted', `container ${containerID.slice(0, 12)} was restored, but ${why}`, {
      cause: error,
    });
  } finally {
    over.abort(new Error('the container was taken over, or never will be'));
  }
};
