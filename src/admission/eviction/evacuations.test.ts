import { beforeEach, describe, expect, it } from 'vitest';
import { migrationWith, podWith } from '../../api/pod-fixture.ts';
import type { Pod } from '../../api/pod.ts';
import { migrations } from '../../api/resource.ts';
import { FakeClock, settle } from '../../clock/fake-clock.ts';
import { ApiError } from '../../kube/api-error.ts';
import { FakeApi } from '../../kube/fake-api.ts';
import { silentLog } from '../../log/log.ts';
import type { TraceEvent } from '../../trace/event.ts';
import { eventsIn } from '../../trace/record.ts';
import { ProcessTrace } from '../../trace/tracer.ts';
import { builtIn } from '../../migration/policy/policy.ts';
import { Evacuations } from './evacuations.ts';
import type { Order } from './outcome.ts';

let api: FakeApi;
let clock: FakeClock;
let told: string[];
let traced: TraceEvent[];
let evacuations: Evacuations;

beforeEach(() => {
  api = new FakeApi();
  clock = new FakeClock();
  told = [];
  traced = [];
  const record = ({ name }: { name: string }, type: string, reason: string, note: string): void => {
    told.push(`${name}: ${type} ${reason} ${note}`);
  };
  evacuations = new Evacuations({
    api,
    clock,
    tracer: new ProcessTrace({ run: '00000001', clock, write: (event) => traced.push(event) }).of('webhook'),
    log: silentLog,
    events: { record, flush: () => Promise.resolve() },
  });
});

const orderOf = (pod: Pod, changes: Partial<Order> = {}): Order => ({ pod, policy: builtIn.spec, ...changes });
const podNumbered = (number: number): Pod => podWith({ metadata: { name: `redis-${number}`, uid: `uid-${number}` } });
const namesMade = (): string[] => [...api.store.of('transship.dev/migrations').keys()];

const refusing = (code: number, message: string, reason = ''): void => {
  api.intercept(() => {
    throw new ApiError({ code, reason, message });
  });
};

/** Lets nothing through until it is opened, and says how many wait. */
const gated = () => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const create = api.create.bind(api);
  let waiting = 0;
  api.create = (async (...args: Parameters<typeof create>) => {
    waiting += 1;
    await promise;
    return create(...args);
  }) as typeof api.create;
  return { waiting: () => waiting, open: () => resolve(undefined) };
};

describe('a request for a move', () => {
  it('becomes a Migration, of which the pod is told', async () => {
    evacuations.request(orderOf(podWith()));
    await evacuations.settled();
    const made = await api.get(migrations, { namespace: 'shop', name: 'redis-1-uid1' });
    expect(made.spec).toMatchObject({ podName: 'redis-1', podUID: 'uid-1', trigger: 'Eviction', deadlineSeconds: 600 });
    expect(told).toEqual([
      'redis-1: Normal EvacuationTriggered Pod shop/redis-1 is moved by Migration shop/redis-1-uid1 instead of being evicted',
    ]);
  });

  it('begins its trace, in the Migration itself and in the log', async () => {
    evacuations.request(orderOf(podWith()));
    await evacuations.settled();
    const made = await api.get(migrations, { namespace: 'shop', name: 'redis-1-uid1' });
    expect(traced).toMatchObject([{ migration: made.metadata.uid, clock: { 'webhook@00000001': 1 } }]);
    expect(eventsIn(made)).toEqual(traced);
  });

  it('is made after whoever asks has got his answer', async () => {
    const gate = gated();
    evacuations.request(orderOf(podWith()));
    expect(gate.waiting()).toBe(0);
    await settle();
    expect(gate.waiting()).toBe(1);
    gate.open();
    await evacuations.settled();
  });

  it('is made once, however often it comes while it is under way', async () => {
    const gate = gated();
    for (let time = 0; time < 32; time += 1) evacuations.request(orderOf(podWith()));
    gate.open();
    await evacuations.settled();
    expect(gate.waiting()).toBe(1);
  });

  it('is as good as made when another replica was first', async () => {
    api.put(migrations, migrationWith());
    evacuations.request(orderOf(podWith()));
    await evacuations.settled();
    expect(evacuations.troubleOf('uid-1')).toBeUndefined();
    expect(told).toEqual([]);
  });

  it('takes the place of the one that has to go', async () => {
    const instead = api.put(migrations, migrationWith({ metadata: { uid: 'withdrawn' } }));
    evacuations.request(orderOf(podWith(), { instead }));
    await evacuations.settled();
    expect((await api.get(migrations, { namespace: 'shop', name: 'redis-1-uid1' })).metadata.uid).not.toBe('withdrawn');
  });
});

describe('many requests', () => {
  it('are made eight at a time, all of them', async () => {
    const gate = gated();
    for (let number = 0; number < 110; number += 1) evacuations.request(orderOf(podNumbered(number)));
    await settle();
    expect(gate.waiting()).toBe(8);
    gate.open();
    await evacuations.settled();
    expect(namesMade()).toHaveLength(110);
  });

  it('wait up to a bound, and whoever comes too late is told to come again', async () => {
    const gate = gated();
    for (let number = 0; number < 2_009; number += 1) evacuations.request(orderOf(podNumbered(number)));
    expect(evacuations.troubleOf('uid-2007')).toBeUndefined();
    expect(evacuations.troubleOf('uid-2008')).toMatchObject({
      why: '2000 others are to be recorded first',
      isRefusal: false,
    });
    gate.open();
    await evacuations.settled();
    evacuations.request(orderOf(podNumbered(2_008)));
    await evacuations.settled();
    expect(evacuations.troubleOf('uid-2008')).toBeUndefined();
    expect(namesMade()).toHaveLength(2_009);
  });

  it('that wait when it is closed are left to the next replica; what is under way ends', async () => {
    const gate = gated();
    for (let number = 0; number < 20; number += 1) evacuations.request(orderOf(podNumbered(number)));
    const closed = evacuations.close();
    evacuations.request(orderOf(podNumbered(20)));
    gate.open();
    await closed;
    expect(namesMade()).toHaveLength(8);
  });
});

describe('a request that could not be made', () => {
  it.each<[string, number, string, boolean]>([
    ['by a server that has trouble', 500, 'etcd is away', false],
    ['by a server that has too much to do', 429, 'too many requests', false],
    ['by an admission policy or a quota', 403, 'exceeded quota', true],
    ['by a schema that says otherwise', 422, 'is invalid', true],
    ['in a namespace that is gone', 404, 'namespaces "shop" not found', true],
  ])('%s is remembered, with who refused it', async (_what, code, why, isRefusal) => {
    refusing(code, why);
    evacuations.request(orderOf(podWith()));
    await evacuations.settled();
    expect(evacuations.troubleOf('uid-1')).toMatchObject({ why, isRefusal, since: clock.now() });
    expect(evacuations.troubleOf('uid-2')).toBeUndefined();
    expect(told).toEqual([]);
  });

  it('is not tried again by itself, but whenever it is asked for', async () => {
    refusing(500, 'etcd is away');
    evacuations.request(orderOf(podWith()));
    await evacuations.settled();
    await clock.advance(60_000);
    expect(api.requests).toHaveLength(1);
    evacuations.request(orderOf(podWith()));
    await evacuations.settled();
    expect(api.requests).toHaveLength(2);
  });

  it('is forgotten once it could', async () => {
    let isAway = true;
    api.intercept(() => {
      if (isAway) throw new ApiError({ code: 500, reason: '', message: 'etcd is away' });
    });
    for (const away of [true, false]) {
      isAway = away;
      evacuations.request(orderOf(podWith()));
      await evacuations.settled();
    }
    expect(evacuations.troubleOf('uid-1')).toBeUndefined();
  });

  it('is as old as the first refusal of those that follow each other', async () => {
    const begun = clock.now();
    refusing(403, 'exceeded quota');
    for (let time = 0; time < 3; time += 1) {
      evacuations.request(orderOf(podWith()));
      await evacuations.settled();
      await clock.advance(300_000);
    }
    expect(evacuations.troubleOf('uid-1')?.since).toBe(begun);
  });

  it('says nothing any more when nobody has asked for long', async () => {
    refusing(403, 'exceeded quota');
    evacuations.request(orderOf(podWith()));
    await evacuations.settled();
    await clock.advance(600_000);
    expect(evacuations.troubleOf('uid-1')).toBeUndefined();
  });
});
