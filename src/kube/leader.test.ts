import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../clock/fake-clock.ts';
import { silentLog } from '../log/log.ts';
import { leases } from './builtin-resources.ts';
import { FakeApi } from './fake-api.ts';
import { Leader } from './leader.ts';

let clock: FakeClock;
let api: FakeApi;
let leading: string[];

beforeEach(() => {
  clock = new FakeClock();
  api = new FakeApi(() => clock.now());
  leading = [];
});

const contend = (identity: string, leaseSeconds?: number) => {
  const stop = new AbortController();
  const lease = { namespace: 'default', name: 'l', leaseSeconds };
  const leader = new Leader({ api, clock, random: () => 0, log: silentLog, identity, ...lease });
  const running = leader.run(async (signal) => {
    leading.push(identity);
    const ended = Promise.withResolvers<undefined>();
    signal.addEventListener('abort', () => {
      leading = leading.filter((each) => each !== identity);
      ended.resolve(undefined);
    });
    await ended.promise;
  }, stop.signal);
  return {
    leave: async () => {
      stop.abort(new Error('enough'));
      await clock.advance(0);
      await running;
    },
  };
};

const holder = async (): Promise<string | null | undefined> =>
  (await api.get(leases, { namespace: 'default', name: 'l' })).spec?.holderIdentity;

describe('of those that want to lead', () => {
  it('one does, and its lease is renewed in MicroTime', async () => {
    const a = contend('a');
    await clock.advance(0);
    const b = contend('b');
    await clock.advance(60_000);
    expect(leading).toEqual(['a']);
    const lease = await api.get(leases, { namespace: 'default', name: 'l' });
    expect(lease.spec?.renewTime).toMatch(/^2026-01-01T00:0[01]:\d\d\.\d{6}Z$/);
    await a.leave();
    await b.leave();
  });

  it.each([3, 5, 7, 300])('one goes on leading with a lease of %i s', async (leaseSeconds) => {
    const a = contend('a', leaseSeconds);
    await clock.advance(leaseSeconds * 4_000);
    expect(leading).toEqual(['a']);
    const { spec } = await api.get(leases, { namespace: 'default', name: 'l' });
    expect(spec).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: leaseSeconds });
    await a.leave();
  });

  it('the next begins at once when the first leaves', async () => {
    const a = contend('a');
    await clock.advance(0);
    const b = contend('b');
    await clock.advance(10_000);
    await a.leave();
    expect(await holder()).toBe('');
    await clock.advance(3_000);
    expect(leading).toEqual(['b']);
    await b.leave();
  });

  it('none takes over before the lease has been silent for its whole time', async () => {
    api.put(leases, {
      metadata: { name: 'l', namespace: 'default' },
      spec: { holderIdentity: 'dead', leaseDurationSeconds: 15, renewTime: '2000-01-01T00:00:00.000000Z' },
    });
    const a = contend('a');
    await clock.advance(14_000);
    expect(leading).toEqual([]);
    await clock.advance(6_000);
    expect(leading).toEqual(['a']);
    expect((await api.get(leases, { namespace: 'default', name: 'l' })).spec?.leaseTransitions).toBe(1);
    await a.leave();
  });

  it('one that cannot renew stops before another may begin', async () => {
    const a = contend('a');
    await clock.advance(0);
    api.intercept(({ verb }) => {
      if (verb === 'get') throw new Error('connection refused');
    });
    await clock.advance(8_000);
    expect(leading).toEqual(['a']);
    await clock.advance(4_000);
    expect(leading).toEqual([]);
    await a.leave();
  });

  it('one whose lease was taken stops', async () => {
    const a = contend('a');
    await clock.advance(0);
    await api.patch(leases, { namespace: 'default', name: 'l' }, { spec: { holderIdentity: 'thief' } });
    await clock.advance(12_000);
    expect(leading).toEqual([]);
    expect(await holder()).toBe('thief');
    await a.leave();
  });
});
