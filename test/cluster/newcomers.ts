import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Clients that come while a pod is moved. */
export interface Newcomers {
  /** Lets no more come. Resolves when each has had its answer, or not. */
  ended(): Promise<{ readonly answered: number; readonly failed: readonly string[]; readonly longestMs: number }>;
}

const everyMs = 20;
const limitMs = 10_000;

/** From the machine of the lab, outside of its nodes: connects to a server of counters every 20 ms, each time anew. */
export const startNewcomers = (host: string, port: number): Newcomers => {
  const failed: string[] = [];
  let answered = 0;
  let longestMs = 0;
  const come = async (): Promise<void> => {
    const begun = performance.now();
    const socket = connect({ host, port, signal: AbortSignal.timeout(limitMs) });
    try {
      await once(socket, 'connect');
      socket.write('INCR\r\n');
      await once(socket, 'data');
      answered += 1;
      longestMs = Math.max(longestMs, performance.now() - begun);
    } catch (error) {
      failed.push(String(error));
    } finally {
      socket.destroy();
    }
  };
  const coming: Promise<void>[] = [];
  const over = new AbortController();
  const letCome = (async () => {
    while (!over.signal.aborted) {
      coming.push(come());
      await sleep(everyMs);
    }
  })();
  return {
    async ended() {
      over.abort();
      await letCome;
      await Promise.all(coming);
      return { answered, failed, longestMs: Math.round(longestMs) };
    },
  };
};
