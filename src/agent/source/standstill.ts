import { setTimeout as sleep } from 'node:timers/promises';
import { ReasonedError } from '../../api/reasons.ts';
import type { Freezer } from '../checkpoint/freezer.ts';
import { vforkingOf } from '../checkpoint/vfork.ts';

const freezeLimitMs = 1_000;
/** Each takes about three milliseconds. */
const mostTries = 40;
const goOnMs = 1;

const frozenAll = async (freezers: readonly Freezer[]): Promise<readonly number[]> => {
  await Promise.all(freezers.map((freezer) => freezer.freeze(freezeLimitMs)));
  return (await Promise.all(freezers.map((freezer) => freezer.processes()))).flat();
};

/**
 * Stops the containers of a pod in a moment in which CRIU can dump them: all
 * stand still before the first is dumped, which makes one cut through what they
 * say to each other, and none waits for a child that it has vforked. One that
 * does is let go on for a moment, and stopped again.
 *
 * Rejects with DumpFailed when that moment does not come; they may be frozen then.
 */
export const standStill = async (freezers: readonly Freezer[]): Promise<void> => {
  for (let tries = 0; ; tries += 1) {
    const waiting = vforkingOf(await frozenAll(freezers));
    if (waiting.length === 0) return;
    if (tries === mostTries)
      throw new ReasonedError(
        'DumpFailed',
        `process ${waiting.join(', ')} waits for a child that has not executed its program, which CRIU cannot stop`,
      );
    for (const freezer of freezers) freezer.thaw();
    await sleep(goOnMs);
  }
};
