import { on } from 'node:events';
import { Worker } from 'node:worker_threads';

const longestMs = 10_000;

export interface Hunt {
  /** Processes below which CRIU is waited for. */
  readonly starters: readonly number[];
  /** For how long it may be at work. */
  readonly afterMs: number;
}

export interface Kill {
  readonly killed: number;
}

/**
 * Kills every CRIU that is started within a second from when the first one is seen. Resolves when the hunt has begun.
 * @returns how it ends: rejects when none is seen
 */
export const huntCriu = async (what: string, hunt: Hunt): Promise<() => Promise<void>> => {
  const worker = new Worker(new URL('criu-hunter.ts', import.meta.url), { workerData: hunt });
  const said = on(worker, 'message', { signal: AbortSignal.timeout(longestMs) });
  const next = async (): Promise<unknown> => ((await said.next()).value as readonly unknown[])[0];
  await next(); // that it is ready
  const killed = next().finally(() => worker.terminate()) as Promise<Kill>;
  killed.catch(() => undefined); // whoever asks how it ended is told
  return async () => {
    if ((await killed).killed === 0) throw new Error(`${what} was not seen`);
  };
};
