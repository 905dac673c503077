import { ReasonedError } from '../../api/reasons.ts';
import type { TargetPorts } from './ports.ts';

/** With half a second a rollback took more than one (1,069 ms in the fault table). */
const takeOverLimitMs = 300;

/**
 * Resolves when the runtime says that the restored container is one of its own;
 * nothing is promised before. A kubelet or runtime that was restarted meanwhile
 * knows nothing of the start: the runtime ends the restored processes, or leaves
 * them to nobody, and the kubelet starts the container anew.
 *
 * Rejects with TargetNotStarted.
 */
export const takenOver = async ({ runtime }: TargetPorts, containerID: string, signal: AbortSignal): Promise<void> => {
  const limit = AbortSignal.timeout(takeOverLimitMs);
  try {
    await runtime.untilRunning(containerID, AbortSignal.any([signal, limit]));
  } catch (error) {
    signal.throwIfAborted();
    const why = limit.aborted ? `it has not said within ${takeOverLimitMs} ms that it runs` : (error as Error).message;
    throw new ReasonedError('TargetNotStarted', `container ${containerID.slice(0, 12)} was restored, but ${why}`, {
      cause: error,
    });
  }
};
