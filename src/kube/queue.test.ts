import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../clock/fake-clock.ts';
import { silentLog } from '../log/log.ts';
import type { Key } from './api.ts';
import { KeyedQueue, type Outcome } from './queue.ts';

const clock = () => new FakeClock();
let time: FakeClock;
let stop: AbortController;
let running: Promise<void>;

beforeEach(() => {
  time = clock();
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort(new Error('over'));
  await running;
});

const queueOf = (reconcile: (key: Key) => Promise<Outcome>, workers = 4): KeyedQueue => {
  const queue = new KeyedQueue({ reconcile, clock: time, random: () => 1, log: silentLog, workers });
  running = queue.run(stop.signal);
  return queue;
};

/** Work that ends when it is told to. */
const gate = () => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return { promise, open: () => resolve(undefined) };
};

describe('a queue', () => {
  it('looks once at a key that was added many times', async () => {
    const seen: string[] = [];
    const queue = queueOf(({ name }) => {
      seen.push(name);
      return Promise.resolve(undefined);
    });
    for (let time = 0; time < 5; time += 1) queue.add({ name: 'a' });
    queue.add({ name: 'b' });
    await settle();
    expect(seen).toEqual(['a', 'b']);
  });

  it('never looks twice at the same key at the same time, and looks again when it was added meanwhile', async () => {
    const gates = [gate(), gate()];
    let active = 0;
    let most = 0;
    let looks = 0;
    const queue = queueOf(async () => {
      active += 1;
      most = Math.max(most, active);
      await gates[looks++]?.promise;
      active -= 1;
      return undefined;
    });
    queue.add({ name: 'a' });
    await settle();
    queue.add({ name: 'a' });
    queue.add({ name: 'a' });
    await settle();
    expect(looks).toBe(1);
    gates[0]?.open();
    await settle();
    expect(looks).toBe(2);
    gates[1]?.open();
    await settle();
    expect([looks, most]).toEqual([2, 1]);
  });

  it('works on different keys at the same time, but not on more than it has workers', async () => {
    const all = gate();
    let active = 0;
    const queue = queueOf(async () => {
      active += 1;
      await all.promise;
      return undefined;
    }, 2);
    for (const name of ['a', 'b', 'c']) queue.add({ name });
    await settle();
    expect(active).toBe(2);
    all.open();
    await settle();
    expect(active).toBe(3);
  });

  it('tries again what failed, later each time, and at once what was added', async () => {
    const at: number[] = [];
    const begin = time.now();
    const queue = queueOf(() => {
      at.push(time.now() - begin);
      return Promise.reject(new Error('no'));
    });
    queue.add({ name: 'a' });
    await time.advance(3_000);
    expect(at).toEqual([0, 200, 600, 1400, 3000]);
    queue.add({ name: 'a' });
    await settle();
    expect(at.at(-1)).toBe(3000);
    await time.advance(120_000);
    expect(Math.max(...at.slice(1).map((each, index) => each - (at[index] ?? 0)))).toBeLessThanOrEqual(30_000);
  });

  it('looks again after the time that was asked for, or earlier when something happens', async () => {
    let looks = 0;
    const queue = queueOf(() => Promise.resolve(looks++ === 0 ? { afterMs: 5_000 } : undefined));
    queue.add({ name: 'a' });
    await time.advance(4_999);
    expect(looks).toBe(1);
    await time.advance(1);
    expect(looks).toBe(2);
    queue.addAfter({ name: 'b' }, 10_000);
    queue.addAfter({ name: 'b' }, 1_000);
    queue.addAfter({ name: 'b' }, 20_000);
    await time.advance(1_000);
    expect(looks).toBe(3);
    await time.advance(30_000);
    expect(looks).toBe(3);
  });

  it('stops when it is told to, leaving no timer behind', async () => {
    const queue = queueOf(() => Promise.resolve({ afterMs: 60_000 }));
    queue.add({ name: 'a' });
    await settle();
    stop.abort(new Error('enough'));
    await running;
    await settle();
    expect(time.sleeping).toBe(0);
  });
});
