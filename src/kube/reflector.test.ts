import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../clock/fake-clock.ts';
import { ApiError } from './api-error.ts';
import { configMaps } from './builtin-resources.ts';
import { reflecting } from './config-map-fixture.ts';

let world: ReturnType<typeof reflecting>;
let running: Promise<void> | undefined;

beforeEach(() => {
  world = reflecting();
});
afterEach(async () => {
  world.stop.abort(new Error('over'));
  await running;
});

const start = async (): Promise<void> => {
  running = world.reflector.run(world.stop.signal);
  await settle();
};

const count = (verb: string): number => world.api.requests.filter((request) => request.verb === verb).length;
const key = (name: string) => ({ namespace: 'default', name });

describe('a reflector', () => {
  it('knows what was there before, and tells of it', async () => {
    world.put('a', '1');
    expect(world.reflector.hasSynced).toBe(false);
    await start();
    await world.reflector.synced(world.stop.signal);
    expect(world.reflector.get(key('a'))?.data).toEqual({ x: '1' });
    expect(world.reflector.items()).toHaveLength(1);
    expect(world.told).toEqual(['a 1']);
  });

  it('follows additions, changes and deletions', async () => {
    await start();
    world.put('a', '1');
    await settle();
    await world.api.patch(configMaps, key('a'), { data: { x: '2' } });
    await world.api.delete(configMaps, key('a'));
    await settle();
    expect(world.told).toEqual(['a 1', 'a 2', 'a is gone']);
    expect(world.reflector.items()).toEqual([]);
  });

  it('gives the same list until something changes, and leaves it as it was', async () => {
    world.put('a', '1');
    await start();
    const before = world.reflector.items();
    expect(world.reflector.items()).toBe(before);
    world.put('b', '1');
    await settle();
    expect([before.length, world.reflector.items().length]).toEqual([1, 2]);
    await world.api.delete(configMaps, key('a'));
    await settle();
    expect(world.reflector.items()).toHaveLength(1);
  });

  it('goes on where it was when the server ends the watch', async () => {
    await start();
    await world.clock.advance(60_000);
    world.api.endWatches();
    world.put('a', '1');
    await settle();
    expect(world.told).toEqual(['a 1']);
    expect(count('list')).toBe(1);
  });

  it('waits before it asks again when the server ends every watch at once', async () => {
    await start();
    for (let turn = 0; turn < 50; turn += 1) {
      world.api.endWatches();
      await settle(3);
    }
    expect(count('watch')).toBeLessThan(4);
  });

  it('lists anew when the server has forgotten its place, and tells what it missed', async () => {
    world.put('a', '1');
    world.put('b', '1');
    await start();
    world.api.intercept(({ verb }) => {
      if (verb === 'watch' && world.clock.now() < Date.parse('2026-01-01T00:01:10Z'))
        throw new Error('connection refused');
    });
    await world.clock.advance(60_000);
    world.api.endWatches();
    await settle();
    await world.api.delete(configMaps, key('a'));
    world.put('c', '1');
    world.api.store.compact();
    world.put('d', '1');
    await world.clock.advance(60_000);
    expect(world.told).toEqual(['a 1', 'b 1', 'c 1', 'd 1', 'a is gone']);
    expect(count('list')).toBe(2);
  });

  it('never gives up listing, and waits longer each time but not for ever', async () => {
    let refusals = 0;
    world.api.intercept(({ verb }) => {
      if (verb === 'list' && refusals < 20) {
        refusals += 1;
        throw new ApiError({ code: 500, reason: 'InternalError', message: 'etcd is away' });
      }
    });
    world.put('a', '1');
    await start();
    await world.clock.advance(1_000);
    expect(refusals).toBeLessThan(5);
    await world.clock.advance(20 * 30_000);
    expect(world.told).toEqual(['a 1']);
  });

  it('drops a connection on which nothing is heard any more', async () => {
    await start();
    await world.clock.advance(179_000);
    expect(count('watch')).toBe(1);
    await world.clock.advance(10_000);
    expect(count('watch')).toBe(2);
  });

  it('goes on when a listener throws', async () => {
    world.reflector.onChange(() => {
      throw new Error('mistake');
    });
    await start();
    world.put('a', '1');
    world.put('b', '1');
    await settle();
    expect(world.told).toEqual(['a 1', 'b 1']);
  });

  it.each([
    ['while it watches', 0],
    ['while it waits to try again', 1],
  ])('stops %s', async (_name, failing) => {
    if (failing) {
      world.api.intercept(() => {
        throw new Error('connection refused');
      });
    }
    await start();
    world.stop.abort(new Error('enough'));
    await running;
    const asked = world.api.requests.length;
    await world.clock.advance(120_000);
    expect(world.api.requests.length).toBe(asked);
    expect(world.clock.sleeping).toBe(0);
  });

  it('lets nobody wait for it after the signal', async () => {
    const stop = AbortSignal.abort(new Error('enough'));
    await expect(world.reflector.synced(stop)).rejects.toThrow('enough');
  });
});
