import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from './clock.ts';

/** setTimeout fires at once when it is asked for more than a signed 32-bit number of milliseconds. */
const longestTimerMs = 2 ** 31 - 1;

/** The only place that reads the machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  // Whole, like those of now(): timers refuse fractions (AbortSignal.timeout).
  elapsed: () => Math.floor(performance.now()),
  sleep: async (ms, signal) => {
    signal?.throwIfAborted();
    try {
      await wait(Math.min(Math.max(ms, 0), longestTimerMs), undefined, signal ? { signal } : {});
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
};
