import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ReasonedError } from '../../api/reasons.ts';
import type { Freezer } from '../checkpoint/freezer.ts';
import { standStill } from './standstill.ts';

/** Counts how often it is frozen, and knows whether it is. */
class FakeFreezer implements Freezer {
  readonly thawing = { path: '', word: '' };
  times = 0;
  /** How long each freeze was allowed to take, in milliseconds. */
  readonly limits: number[] = [];
  #isFrozen = false;

  freeze(limitMs: number): Promise<void> {
    this.times += 1;
    this.limits.push(limitMs);
    this.#isFrozen = true;
    return Promise.resolve();
  }
  thaw(): void {
    this.#isFrozen = false;
  }
  isFrozen(): boolean {
    return this.#isFrozen;
  }
  processes(): Promise<readonly number[]> {
    return Promise.resolve([]);
  }
}

const freezers = () => [new FakeFreezer(), new FakeFreezer()];

/** Says this at each look, the last for ever; throws what is an error. */
const crossing = (...answers: readonly (string | undefined | Error)[]) => {
  let looks = 0;
  let prepared = 1; // as it was opened
  return {
    look(): Promise<string | undefined> {
      expect(prepared).toBe(looks + 1);
      const answer = answers[Math.min(looks, answers.length - 1)];
      looks += 1;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    prepare() {
      prepared += 1;
    },
    close: () => undefined,
  };
};

const frozen = (all: readonly FakeFreezer[]) => all.map((freezer) => [freezer.times, freezer.isFrozen()]);

describe('the containers of a pod', () => {
  it('are stopped once when nothing speaks against it', async () => {
    const all = freezers();
    expect(await standStill(all, crossing(undefined))).toEqual([[], []]);
    expect(frozen(all)).toEqual([
      [1, true],
      [1, true],
    ]);
  });

  it('are let go on until nothing waits to be accepted', async () => {
    const all = freezers();
    await standStill(all, crossing('something waits', 'something waits', undefined));
    expect(frozen(all)).toEqual([
      [3, true],
      [3, true],
    ]);
  });

  it('are not dumped when something waits without end', async () => {
    await expect(standStill(freezers(), crossing('something waits'))).rejects.toMatchObject({
      reason: 'DumpFailed',
      message: 'something waits',
    });
  });

  it('are given up after a second, however long each try takes', async () => {
    const all = freezers();
    const slow = { look: () => sleep(300, 'something waits'), prepare: () => undefined, close: () => undefined };
    await expect(standStill(all, slow)).rejects.toMatchObject({ reason: 'DumpFailed' });
    expect(all[0]!.times).toBeLessThanOrEqual(4);
    expect(all[0]!.limits).toEqual(all[0]!.limits.toSorted((a, b) => b - a));
    expect(all[0]!.limits[0]).toBeLessThanOrEqual(1_000);
  });

  it('are stopped no second time when something cannot go along', async () => {
    const all = freezers();
    const shared = new ReasonedError('SocketShared', 'they have it both');
    await expect(standStill(all, crossing(shared))).rejects.toBe(shared);
    expect(all.map(({ times }) => times)).toEqual([1, 1]);
  });
});
