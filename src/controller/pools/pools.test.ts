import { beforeEach, describe, expect, it } from 'vitest';
import { ipLeases, ipPools, nodes } from '../../api/resource.ts';
import { FakeClock } from '../../clock/fake-clock.ts';
import { ApiError } from '../../kube/api-error.ts';
import { serviceCIDRs } from '../../kube/builtin-resources.ts';
import type { Regarding } from '../../kube/events.ts';
import { FakeApi } from '../../kube/fake-api.ts';
import { silentLog } from '../../log/log.ts';
import { leaseOfPod } from '../../pools/pool-fixture.ts';
import { cachesSynced, createCaches, runCaches } from '../caches.ts';
import { reconcilingPools } from './reconcile.ts';
import { serviceRangesFrom } from './service-ranges.ts';
import { allPools, triggerPools } from './triggers.ts';

const makeCluster = () => {
  const clock = new FakeClock();
  const api = new FakeApi(() => clock.now());
  const caches = createCaches({ api, clock, random: () => 0.5, log: silentLog });
  const told: string[] = [];
  const record = ({ kind, name }: Regarding, type: string, reason: string) => {
    told.push(`${type} ${reason} ${kind} ${name}`);
  };
  const events = { record, flush: () => Promise.resolve() };
  const reconcile = reconcilingPools({
    ...{ ...caches, api, events, clock, log: silentLog, serviceRanges: serviceRangesFrom(api, clock) },
  });
  const withCaches = async (work: (signal: AbortSignal) => Promise<void>): Promise<void> => {
    const stop = new AbortController();
    const running = runCaches(caches, stop.signal);
    await cachesSynced(caches, stop.signal);
    await new Promise((resolve) => setImmediate(resolve));
    try {
      await work(stop.signal);
    } finally {
      stop.abort(new Error('over'));
      await running;
    }
  };
  const lookAtAll = () =>
    withCaches(async (signal) => {
      for (const key of allPools(caches)) await reconcile(key, signal);
    });
  const statusOf = async (name: string) => (await api.get(ipPools, { name })).status;
  return { api, clock, caches, told, withCaches, lookAtAll, statusOf };
};

let cluster: ReturnType<typeof makeCluster>;

beforeEach(() => {
  cluster = makeCluster();
  cluster.api.put(ipPools, { metadata: { name: 'a', uid: 'a' }, spec: { cidr: '10.245.0.0/29' } });
  cluster.api.put(serviceCIDRs, { metadata: { name: 'kubernetes' }, spec: { cidrs: ['10.96.0.0/16'] } });
});

const patches = () => cluster.api.requests.filter(({ verb }) => verb === 'patch').length;

describe('the controller', () => {
  it('says of a new pool how it stands, and what Services have', async () => {
    await cluster.lookAtAll();
    expect(await cluster.statusOf('a')).toMatchObject({
      ...{ capacity: 5, leased: 0, free: 5, reason: 'PoolReady', serviceCIDRs: ['10.96.0.0/16'] },
    });
    expect(cluster.told).toEqual([]);
  });

  it('writes nothing that has not changed', async () => {
    await cluster.lookAtAll();
    await cluster.lookAtAll();
    expect(patches()).toBe(1);
  });

  it('tells the administrator when a pool is exhausted, and when it gives again', async () => {
    await cluster.lookAtAll();
    for (const n of [2, 3, 4, 5, 6]) cluster.api.put(ipLeases, leaseOfPod(`10.245.0.${n}`, 'a'));
    await cluster.lookAtAll();
    cluster.api.store.remove('transship.dev/ipleases', '10.245.0.4');
    await cluster.lookAtAll();
    expect(cluster.told).toEqual(['Warning PoolExhausted IPPool a', 'Normal PoolReady IPPool a']);
    expect(await cluster.statusOf('a')).toMatchObject({ leased: 4, free: 1 });
  });

  it('sees the podCIDR of a node that comes later', async () => {
    await cluster.lookAtAll();
    cluster.api.put(nodes, { metadata: { name: 'n9' }, spec: { podCIDR: '10.245.0.0/24' } });
    await cluster.lookAtAll();
    expect(await cluster.statusOf('a')).toMatchObject({ reason: 'PoolExhausted', capacity: 0 });
    expect((await cluster.statusOf('a'))?.conditions?.map(({ type }) => type)).toEqual(['Ready', 'Overlaps']);
  });

  it('asks for Services twice a minute, and works where the API server does not tell', async () => {
    cluster.api.intercept(({ verb, plural }) => {
      if (verb === 'list' && plural === 'servicecidrs')
        throw new ApiError({ code: 404, reason: 'NotFound', message: 'the server could not find the resource' });
    });
    await cluster.lookAtAll();
    expect(await cluster.statusOf('a')).toMatchObject({ reason: 'PoolReady', serviceCIDRs: [] });
    await cluster.clock.advance(29_000);
    await cluster.lookAtAll();
    await cluster.clock.advance(1_000);
    await cluster.lookAtAll();
    const asked = cluster.api.requests.filter(({ verb, plural }) => verb === 'list' && plural === 'servicecidrs');
    expect(asked).toHaveLength(2);
  });

  it.each([
    ['is gone', 404, 'NotFound'],
    ['has been made anew', 409, 'Conflict'],
  ])('leaves a pool that %s', async (_what, code, reason) => {
    cluster.api.intercept(({ verb }) => {
      if (verb === 'patch') throw new ApiError({ code, reason, message: 'no' });
    });
    await cluster.lookAtAll();
    expect(cluster.told).toEqual([]);
  });
});

describe('a pool is looked at', () => {
  const lookedAt = async (change: () => void): Promise<{ now: string[]; later: string[] }> => {
    const [now, later]: [string[], string[]] = [[], []];
    await cluster.withCaches(async () => {
      triggerPools(cluster.caches, () => ({
        add: ({ name }) => now.push(name),
        addAfter: ({ name }, ms) => later.push(`${name} ${ms}`),
      }));
      // What is there already is told of when it changes first.
      cluster.api.put(nodes, { metadata: { name: 'n1' }, spec: { podCIDR: '10.244.1.0/24' } });
      await new Promise((resolve) => setImmediate(resolve));
      now.length = 0;
      change();
      await new Promise((resolve) => setImmediate(resolve));
    });
    return { now, later };
  };

  it.each<[string, () => void, { now: string[]; later: string[] }]>([
    [
      'at once when another one comes',
      () => cluster.api.put(ipPools, { metadata: { name: 'b' }, spec: { cidr: '10.246.0.0/29' } }),
      { now: ['a', 'b'], later: [] },
    ],
    [
      'at once when the range of a node changes',
      () => cluster.api.put(nodes, { metadata: { name: 'n1' }, spec: { podCIDR: '10.245.0.0/24' } }),
      { now: ['a'], later: [] },
    ],
    [
      'not for a heartbeat',
      () =>
        cluster.api.put(nodes, { metadata: { name: 'n1', labels: { x: 'y' } }, spec: { podCIDR: '10.244.1.0/24' } }),
      { now: [], later: [] },
    ],
    [
      'a second after an address has been leased',
      () => cluster.api.put(ipLeases, leaseOfPod('10.245.0.2', 'a')),
      { now: [], later: ['a 1000'] },
    ],
  ])('%s', async (_when, change, wanted) => {
    expect(await lookedAt(change)).toEqual(wanted);
  });
});
