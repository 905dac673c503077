import { setTimeout as sleep } from 'node:timers/promises';

const stepMs = 200;

/** Waits until `isSo` holds; a rejection counts as "not yet". Rejects after `limitMs`, naming what was waited for. */
export const until = async (what: string, limitMs: number, isSo: () => Promise<boolean>): Promise<void> => {
  let last: unknown;
  for (let waited = 0; waited < limitMs; waited += stepMs) {
    try {
      if (await isSo()) return;
    } catch (error) {
      last = error;
    }
    await sleep(stepMs);
  }
  throw new Error(`Waited ${limitMs / 1000} s for ${what}`, { cause: last });
};
