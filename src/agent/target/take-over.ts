import { ReasonedError } from '../../api/reasons.ts';
import type { TargetPorts } from './ports.ts';

/** With more a rollback can take a second on a busy node: 1,069 ms with 500, 1,038 ms with 300 (make fault, kubelet restarted). */
const takeOverLimitMs = 200;

/**
 * Resolves when the runtime says that the restored container is one of its own;
 * nothing is promised before. A kubelet or runtime that was restarted meanwhile
 * knows nothing of the start: the runtime ends the restored processes, or leaves
 * them to nobody, and the kubelet starts the container anew.
 *
 * Rejects with TargetNotStarted.
 * @returns milliseconds that it took.
 */
export const takenOver = async (
  { runtime }: TargetPorts,
  containerID: string,
  signal: AbortSignal,
): Promise<number> => {
  const begun = performance.now();
  const limit = AbortSignal.timeout(takeOverLimitMs);
  try {
    await runtime.untilRunning(containerID, AbortSignal.any([signal, limit]));
    return Math.round(performance.now() - begun);
  } catch (error) {
    signal.throwIfAborted();
    const why = limit.aborted ? `it has not said within ${takeOverLimitMs} ms that it runs` : (error as Error).message;
    throw new ReasonedError('TargetNotStarted', `container ${containerID.slice(0, 12)} was restored, but ${why}`, {
      cause: error,
    });
  }
};
