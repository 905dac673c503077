import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../clock/fake-clock.ts';
import { type ConfigMap, configMaps } from './builtin-resources.ts';
import { reflecting } from './config-map-fixture.ts';
import { ObjectIndex } from './object-index.ts';

let world: ReturnType<typeof reflecting>;
let running: Promise<void>;
let index: ObjectIndex<ConfigMap>;
let asked: number;

beforeEach(async () => {
  world = reflecting();
  world.put('a', 'red');
  world.put('b', 'red,round');
  asked = 0;
  index = new ObjectIndex(world.reflector, ({ data }) => {
    asked += 1;
    return (data?.['x'] ?? '').split(',');
  });
  running = world.reflector.run(world.stop.signal);
  await settle();
});
afterEach(async () => {
  world.stop.abort(new Error('over'));
  await running;
});

const named = (value: string): string[] => index.of(value).map(({ metadata }) => metadata.name);
const key = (name: string) => ({ namespace: 'default', name });
const change = async (name: string, x: string): Promise<void> => {
  await world.api.patch(configMaps, key(name), { data: { x } });
  await settle();
};

describe('objects are found by a value', () => {
  it('that they have, each by all that it has', () => {
    expect([named('red'), named('round'), named('blue')]).toEqual([['a', 'b'], ['b'], []]);
  });

  it('as they are now', async () => {
    await change('a', 'blue');
    expect([named('red'), named('blue')]).toEqual([['b'], ['a']]);
    expect(index.of('blue')[0]).toBe(world.reflector.get(key('a')));
  });

  it('in the same order as before when it is something else of them that has changed', async () => {
    await world.api.patch(configMaps, key('a'), { data: { y: '1' } });
    await settle();
    expect(named('red')).toEqual(['a', 'b']);
    expect(index.of('red')[0]?.data).toEqual({ x: 'red', y: '1' });
  });

  it('until they are gone', async () => {
    await world.api.delete(configMaps, key('b'));
    await settle();
    expect([named('red'), named('round')]).toEqual([['a'], []]);
  });

  it('also after the server has forgotten where the cache was', async () => {
    world.api.intercept(({ verb }) => {
      if (verb === 'watch' && world.clock.now() < Date.parse('2026-01-01T00:01:10Z'))
        throw new Error('connection refused');
    });
    await world.clock.advance(60_000);
    world.api.endWatches();
    await settle();
    await world.api.delete(configMaps, key('a'));
    world.put('c', 'red');
    world.api.store.compact();
    await world.clock.advance(60_000);
    expect(named('red')).toEqual(['b', 'c']);
  });

  it('that were there before the index', () => {
    expect(new ObjectIndex(world.reflector, () => ['all']).of('all')).toHaveLength(2);
  });

  it('and a change of one asks nothing of the others', async () => {
    for (let number = 0; number < 100; number += 1) world.put(`more-${number}`, 'blue');
    await settle();
    const before = asked;
    await change('a', 'blue');
    expect(asked - before).toBe(1);
    expect(named('blue')).toHaveLength(101);
  });
});
