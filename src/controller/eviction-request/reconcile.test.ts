import { beforeEach, describe, expect, it } from 'vitest';
import type { Eviction } from '../../api/eviction.ts';
import { type Migration, migrationNameOf } from '../../api/migration.ts';
import { evictions, migrationNodes, migrations, pods } from '../../api/resource.ts';
import { FakeClock, settle } from '../../clock/fake-clock.ts';
import { timestamp } from '../../clock/clock.ts';
import { ApiError } from '../../kube/api-error.ts';
import { FakeApi } from '../../kube/fake-api.ts';
import type { Outcome } from '../../kube/queue.ts';
import { Reflector } from '../../kube/reflector.ts';
import { silentLog } from '../../log/log.ts';
import { agentOf, migrationWith, now, podWith, source, sourceUID } from '../../migration/move-fixture.ts';
import { eventsIn } from '../../trace/record.ts';
import { ProcessTrace } from '../../trace/tracer.ts';
import { type Caches, cachesSynced, createCaches, runCaches } from '../caches.ts';
import { policiesFrom } from '../policies/choice.ts';
import { evictionWith } from './eviction-fixture.ts';
import { keyOfPod } from './gather.ts';
import { responding } from './reconcile.ts';
import { podsInQuestion, triggerResponses } from './triggers.ts';

let clock: FakeClock;
let api: FakeApi;
let caches: Caches & { readonly evictions: Reflector<Eviction> };

const name = migrationNameOf('web-1', sourceUID);
const key = { namespace: 'default', name };
const ofPod = keyOfPod('default', sourceUID);

beforeEach(() => {
  clock = new FakeClock(now);
  api = new FakeApi(() => clock.now());
  const ports = { api, clock, random: () => 0.5, log: silentLog };
  caches = { ...createCaches(ports), evictions: new Reflector({ ...ports, resource: evictions }) };
  api.put(migrationNodes, agentOf('n1'));
  api.put(pods, podWith());
  api.put(evictions, evictionWith());
});

/** With caches that have seen all that the API server has. */
const withCaches = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const stop = new AbortController();
  const running = runCaches(caches, stop.signal);
  await cachesSynced(caches, stop.signal);
  try {
    return await work(stop.signal);
  } finally {
    stop.abort(new Error('over'));
    await running;
  }
};

const look = (signal: AbortSignal): Promise<Outcome> => {
  const tracer = new ProcessTrace({ run: '00000001', clock, write: () => undefined }).of('controller');
  return responding({ ...caches, api, clock, tracer, log: silentLog, policyOf: policiesFrom(caches) })(ofPod, signal);
};
const reconcile = () => withCaches(look);

const record = (): Promise<Migration> => api.get(migrations, key);
const names = (): string[] => [...api.store.of('transship.dev/migrations').keys()];
const said = async () =>
  (await api.get(evictions, { namespace: 'default', name: 'web-1-eviction' })).status?.responders?.[0];

const refusedWith = (verb: string, plural: string, error: ApiError): void => {
  api.intercept((request) => {
    if (request.verb === verb && request.plural === plural) throw error;
  });
};

describe('an eviction in which it is our turn', () => {
  it('becomes the one Migration of the pod, and is acknowledged', async () => {
    await reconcile();
    expect((await record()).spec).toMatchObject({ podName: 'web-1', podUID: sourceUID, trigger: 'EvictionRequest' });
    expect(await said()).toEqual({
      name: 'transship.dev/responder',
      startTime: timestamp(now - 10_000),
      heartbeatTime: timestamp(now),
      expectedCompletionTime: timestamp(now + 600_000),
      message: `Migration default/${name} is Pending`,
    });
  });

  it('begins the trace of the move', async () => {
    await reconcile();
    expect(eventsIn(await record())).toMatchObject([{ label: 'asks for the move, for an eviction was requested' }]);
  });

  it('is looked at again when the next heartbeat is due', async () => {
    await withCaches(async (signal) => {
      await look(signal);
      await settle();
      expect(await look(signal)).toEqual({ afterMs: 180_000 });
    });
  });

  it('is responded to although a drain was faster than the cache', async () => {
    await withCaches(async (signal) => {
      api.put(migrations, migrationWith(undefined, { podUID: sourceUID, trigger: 'Eviction' }, { name }));
      expect(await look(signal)).toEqual({ afterMs: 1_000 });
    });
    expect((await record()).spec.trigger).toBe('Eviction');
    expect(await said()).toHaveProperty('heartbeatTime');
  });

  it('is about this very pod and no later one of its name', async () => {
    api.put(pods, podWith({ metadata: { uid: 'later' } }));
    await reconcile();
    expect(names()).toEqual([]);
    expect(await said()).not.toHaveProperty('heartbeatTime');
  });

  it('is left to the next responder when the pod cannot be moved, with the reasons', async () => {
    api.put(pods, podWith({ spec: { hostNetwork: true } }));
    await reconcile();
    expect(names()).toEqual([]);
    expect(await said()).toMatchObject({
      completionTime: timestamp(now),
      message: expect.stringContaining('HostNetworkUsed: Pod default/web-1 uses hostNetwork') as string,
    });
  });

  it('is left to the next responder when the API server has the Migration refused', async () => {
    refusedWith('create', 'migrations', new ApiError({ code: 403, reason: 'Forbidden', message: 'exceeded quota' }));
    await reconcile();
    expect(await said()).toMatchObject({
      completionTime: timestamp(now),
      message: expect.stringContaining('exceeded quota') as string,
    });
  });

  it('is looked at again when it has changed meanwhile', async () => {
    await withCaches(async (signal) => {
      api.put(evictions, evictionWith({ state: 'Canceled' }));
      expect(await look(signal)).toEqual({ afterMs: 1_000 });
    });
    expect(await said()).not.toHaveProperty('heartbeatTime');
  });

  it.each([
    ['create', 'migrations', 500, 'etcd is away'],
    ['patch', 'evictions', 422, 'heartbeatTime must be set to the present time'],
  ])('is tried again when a %s of %s fails', async (verb, plural, code, message) => {
    refusedWith(verb, plural, new ApiError({ code, reason: '', message }));
    await expect(reconcile()).rejects.toThrow(message);
  });
});

describe('an eviction that is withdrawn', () => {
  beforeEach(() => {
    api.put(evictions, evictionWith({ state: 'Canceled', condition: 'Failed' }));
  });

  const byRequest = (status?: Parameters<typeof migrationWith>[0]): Migration =>
    api.put(migrations, migrationWith(status, { podUID: sourceUID, trigger: 'EvictionRequest' }, { name }));

  it('takes its move back', async () => {
    byRequest({ phase: 'Preparing', source });
    await reconcile();
    expect(await record()).toMatchObject({
      metadata: { annotations: { 'transship.dev/withdrawn': 'true' } },
      spec: { cancel: true },
    });
  });

  it('also when the Eviction has gone since', async () => {
    byRequest();
    api.store.remove('lifecycle.k8s.io/evictions', 'default/web-1-eviction');
    await reconcile();
    expect((await record()).spec.cancel).toBe(true);
  });

  it('is content when the move has committed meanwhile', async () => {
    byRequest({ phase: 'Moving', source });
    refusedWith('patch', 'migrations', new ApiError({ code: 422, reason: 'Invalid', message: 'it has committed' }));
    await expect(reconcile()).resolves.toEqual({ afterMs: 1_000 });
  });

  it('comes back as another one, for which the pod is moved anew', async () => {
    const annotations = { 'transship.dev/withdrawn': 'true' };
    const withdrawn = { podUID: sourceUID, trigger: 'EvictionRequest', cancel: true } as const;
    api.put(migrations, migrationWith({ phase: 'Cancelled', source }, withdrawn, { name, annotations }));
    api.put(evictions, evictionWith({ name: 'second' }));
    // Its finalizer keeps it; there cannot be two of one name.
    expect(await reconcile()).toEqual({ afterMs: 1_000 });
    await api.patch(migrations, key, { metadata: { finalizers: null } });
    await reconcile();
    expect((await record()).spec.cancel).toBeUndefined();
  });
});

it('nothing is done about a pod of which nobody speaks', async () => {
  api.store.remove('lifecycle.k8s.io/evictions', 'default/web-1-eviction');
  expect(await reconcile()).toBeUndefined();
});

describe('a pod is looked at', () => {
  const ours = () => migrationWith({ source }, { podUID: sourceUID, trigger: 'EvictionRequest' }, { name });

  const seen = async (change: () => void): Promise<string[]> => {
    const added: string[] = [];
    await withCaches(async () => {
      triggerResponses(caches, ({ name: uid }) => added.push(uid));
      change();
      await settle();
    });
    return [...new Set(added)];
  };

  it.each<[string, () => void]>([
    ['when its Eviction changes', () => api.put(evictions, evictionWith({ state: 'Canceled' }))],
    ['when a Migration of it changes', () => api.put(migrations, migrationWith({ phase: 'Moving', source }))],
    ['when it changes itself', () => api.put(pods, podWith({ spec: { nodeName: 'n2' } }))],
  ])('%s', async (_when, change) => {
    expect(await seen(change)).toEqual([sourceUID]);
  });

  it('when its Eviction goes while its move is under way', async () => {
    api.put(migrations, ours());
    expect(
      await seen(() => {
        api.store.remove('lifecycle.k8s.io/evictions', 'default/web-1-eviction');
      }),
    ).toEqual([sourceUID]);
  });

  it.each<[string, () => void]>([
    ['when it is of no Eviction', () => api.put(pods, podWith({ metadata: { uid: 'other', name: 'other' } }))],
    [
      'when its Eviction does not name us',
      () => api.put(evictions, { ...evictionWith({ name: 'x', podUID: 'other' }), status: { responders: [] } }),
    ],
  ])('but not %s', async (_when, change) => {
    expect(await seen(change)).toEqual([]);
  });

  it('now and then, as long as there may be something to do', async () => {
    api.put(migrations, ours());
    const source2 = { ...source, podUID: 'other' };
    api.put(migrations, migrationWith({ source: source2 }, { trigger: 'EvictionRequest' }, { name: 'other' }));
    await withCaches(() => {
      expect(podsInQuestion(caches).map(({ name: uid }) => uid)).toEqual([sourceUID, 'other']);
      return Promise.resolve();
    });
  });
});
