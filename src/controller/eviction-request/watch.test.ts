import { beforeEach, describe, expect, it } from 'vitest';
import { evictions } from '../../api/resource.ts';
import { FakeClock, settle } from '../../clock/fake-clock.ts';
import { ApiError } from '../../kube/api-error.ts';
import { FakeApi } from '../../kube/fake-api.ts';
import { silentLog } from '../../log/log.ts';
import { evictionWith } from './eviction-fixture.ts';
import { createEvictionWatch } from './watch.ts';

let clock: FakeClock;
let api: FakeApi;
let told: string[];

beforeEach(() => {
  clock = new FakeClock();
  api = new FakeApi();
  told = [];
});

const watching = () => {
  const note = (level: string) => (_fields: object, message: string) => told.push(`${level}: ${message}`);
  const log = { ...silentLog, info: note('info'), warn: note('warn') };
  return createEvictionWatch({ api, clock, random: () => 0.5, log });
};

/** The answers of an API server to one question after the other; then it answers as it should. */
const answering = (...codes: number[]): void => {
  api.intercept(({ plural }) => {
    const code = plural === 'evictions' ? codes.shift() : undefined;
    if (code !== undefined) throw new ApiError({ code, reason: '', message: `answer ${String(code)}` });
  });
};

const asked = (): number => api.requests.filter(({ plural }) => plural === 'evictions').length;

describe('where the API server serves Evictions', () => {
  it('they are known', async () => {
    api.put(evictions, evictionWith());
    const watch = watching();
    const stop = new AbortController();
    expect(watch.isServed).toBe(false);
    const running = watch.run(stop.signal);
    expect(await watch.ready(stop.signal)).toBe(true);
    expect(watch.isServed).toBe(true);
    expect(watch.evictions.items()).toHaveLength(1);
    stop.abort(new Error('over'));
    await running;
  });

  it('they are known also when it was in trouble at first', async () => {
    answering(500, 503);
    const watch = watching();
    const stop = new AbortController();
    const running = watch.run(stop.signal);
    const ready = watch.ready(stop.signal);
    await clock.advance(60_000);
    expect(await ready).toBe(true);
    stop.abort(new Error('over'));
    await running;
  });
});

describe('where it does not', () => {
  it.each([
    [404, 'info: Not responding to eviction requests, the API server does not serve them'],
    [403, 'warn: Not responding to eviction requests, the rights of the component are missing'],
  ])('(%i) that is said once, and it is not asked again', async (code, message) => {
    answering(code);
    const watch = watching();
    const { signal } = new AbortController();
    await watch.run(signal);
    await clock.advance(600_000);
    expect(told).toEqual([message]);
    expect(asked()).toBe(1);
    expect(watch.isServed).toBe(false);
    expect(await watch.ready(signal)).toBe(false);
  });
});

it('whoever waits for it while the API server says nothing can stop', async () => {
  answering(...Array.from({ length: 100 }, () => 500));
  const watch = watching();
  const serving = new AbortController();
  const leading = new AbortController();
  const running = watch.run(serving.signal);
  const ready = watch.ready(leading.signal);
  await settle();
  leading.abort(new Error('not the leader any more'));
  expect(await ready).toBe(false);
  serving.abort(new Error('over'));
  await running;
});
