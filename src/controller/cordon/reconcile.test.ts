import { beforeEach, describe, expect, it } from 'vitest';
import { type Migration, migrationNameOf } from '../../api/migration.ts';
import { builtInPolicy } from '../../api/migration-policy.ts';
import { migrationNodes, migrationPolicies, migrations, nodes, pods } from '../../api/resource.ts';
import { FakeClock } from '../../clock/fake-clock.ts';
import { ApiError } from '../../kube/api-error.ts';
import { namespaces } from '../../kube/builtin-resources.ts';
import { FakeApi } from '../../kube/fake-api.ts';
import { silentLog } from '../../log/log.ts';
import { agentOf, migrationWith, now, podWith, source, sourceUID } from '../../migration/move-fixture.ts';
import { type Caches, cachesSynced, createCaches, runCaches } from '../caches.ts';
import { policiesFrom } from '../policies/choice.ts';
import { CordonReconciler } from './reconcile.ts';
import { nodesInQuestion, triggerCordons } from './triggers.ts';

let api: FakeApi;
let caches: Caches;
let reconciler: CordonReconciler;

const name = migrationNameOf('web-1', sourceUID);
const key = { namespace: 'default', name };

beforeEach(() => {
  const clock = new FakeClock(now);
  api = new FakeApi(() => clock.now());
  caches = createCaches({ api, clock, random: () => 0.5, log: silentLog });
  reconciler = new CordonReconciler({ ...caches, api, clock, log: silentLog, policyOf: policiesFrom(caches) });
  api.put(nodes, { metadata: { name: 'n1' }, spec: { unschedulable: true } });
  api.put(migrationNodes, agentOf('n1'));
  api.put(pods, podWith());
  api.put(migrationPolicies, {
    metadata: { name: 'default' },
    spec: { ...builtInPolicy, deadlineSeconds: 900 },
  });
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

const reconcile = (node = 'n1') => withCaches((signal) => reconciler.reconcile({ name: node }, signal));
const record = (): Promise<Migration> => api.get(migrations, key);
const names = (): string[] => [...api.store.of('transship.dev/migrations').keys()];

const refusedWith = (verb: string, error: ApiError): void => {
  api.intercept((request) => {
    if (request.verb === verb && request.plural === 'migrations') throw error;
  });
};

describe('cordoning', () => {
  it('makes the one Migration of each pod that can be moved', async () => {
    api.put(pods, podWith({ metadata: { name: 'fixed', uid: 'fixed' }, spec: { hostNetwork: true } }));
    api.put(pods, podWith({ metadata: { name: 'opted-out', uid: 'out', annotations: {} } }));
    api.put(pods, podWith({ metadata: { name: 'elsewhere', uid: 'elsewhere' }, spec: { nodeName: 'n2' } }));
    api.put(pods, podWith({ metadata: { name: 'of-the-system', uid: 'system', namespace: 'kube-system' } }));
    await reconcile();
    expect(names()).toEqual([`default/${name}`]);
    expect((await record()).spec).toMatchObject({
      podName: 'web-1',
      podUID: sourceUID,
      trigger: 'Cordon',
      deadlineSeconds: 900,
    });
  });

  it('heeds the policy of each pod, by its labels and those of its namespace', async () => {
    api.put(namespaces, { metadata: { name: 'quiet', labels: { quiet: 'true' } } });
    api.put(pods, podWith({ metadata: { name: 'kept', uid: 'kept', namespace: 'quiet' } }));
    api.put(pods, podWith({ metadata: { name: 'disputed', uid: 'disputed', labels: { app: 'other' } } }));
    const select = (policyName: string, spec: object) =>
      api.put(migrationPolicies, { metadata: { name: policyName }, spec });
    select('quiet', { namespaceSelector: { matchLabels: { quiet: 'true' } } });
    for (const policyName of ['a', 'b']) select(policyName, { podSelector: { matchLabels: { app: 'other' } } });
    await reconcile();
    expect(names()).toEqual([`default/${name}`]);
  });

  it('does so once, also when an eviction was faster than the cache', async () => {
    await withCaches(async (signal) => {
      api.put(migrations, migrationWith(undefined, { podUID: sourceUID, trigger: 'Eviction' }, { name }));
      await reconciler.reconcile({ name: 'n1' }, signal);
    });
    expect((await record()).spec.trigger).toBe('Eviction');
  });

  it('replaces one that was taken back, when its last traces are gone', async () => {
    const annotations = { 'transship.dev/withdrawn': 'true' };
    const status = { phase: 'Cancelled', source } as const;
    api.put(migrations, migrationWith(status, { trigger: 'Cordon', cancel: true }, { name, annotations }));
    // Its finalizer keeps it; there cannot be two of one name.
    expect(await reconcile()).toEqual({ afterMs: 1_000 });
    await api.patch(migrations, key, { metadata: { finalizers: null } });
    await reconcile();
    const { spec, metadata } = await record();
    expect(spec.cancel).toBeUndefined();
    expect(metadata.annotations).toBeUndefined();
  });

  it('lets a namespace go that is being deleted', async () => {
    refusedWith('create', new ApiError({ code: 403, reason: 'Forbidden', message: 'it is being terminated' }));
    await expect(reconcile()).resolves.toBeUndefined();
  });

  it('is tried again when the API server is in trouble', async () => {
    refusedWith('create', new ApiError({ code: 500, reason: '', message: 'etcd is away' }));
    await expect(reconcile()).rejects.toThrow('etcd is away');
  });
});

describe('uncordoning', () => {
  beforeEach(() => {
    api.put(nodes, { metadata: { name: 'n1' }, spec: {} });
  });

  const byCordon = (status?: Parameters<typeof migrationWith>[0]): Migration =>
    api.put(migrations, migrationWith(status, { podUID: sourceUID, trigger: 'Cordon' }, { name }));

  it('takes back what has begun', async () => {
    byCordon({ phase: 'Preparing', source });
    await reconcile();
    expect(await record()).toMatchObject({
      metadata: { annotations: { 'transship.dev/withdrawn': 'true' } },
      spec: { cancel: true },
    });
  });

  it('takes back what nobody has looked at yet, by the node of its pod', async () => {
    byCordon();
    await reconcile();
    expect((await record()).spec.cancel).toBe(true);
  });

  it('of this node only', async () => {
    byCordon({ phase: 'Preparing', source: { ...source, nodeName: 'n2' } });
    await reconcile();
    expect((await record()).spec.cancel).toBeUndefined();
  });

  it('is content when the move has committed meanwhile', async () => {
    byCordon({ phase: 'Moving', source });
    refusedWith('patch', new ApiError({ code: 422, reason: 'Invalid', message: 'the move has committed' }));
    await expect(reconcile()).resolves.toBeUndefined();
  });
});

it('a node that does not exist any more is left alone', async () => {
  await expect(reconcile('n9')).resolves.toBeUndefined();
});

describe('a node is looked at', () => {
  const seen = async (change: () => void): Promise<string[]> => {
    const added: string[] = [];
    await withCaches(async () => {
      triggerCordons(caches, ({ name: node }) => added.push(node));
      change();
      await new Promise((resolve) => setImmediate(resolve));
    });
    return [...new Set(added)];
  };

  it.each<[string, () => void]>([
    ['when it changes', () => api.put(nodes, { metadata: { name: 'n1' }, spec: {} })],
    ['when a pod on it changes and it is cordoned', () => api.put(pods, podWith({ metadata: { labels: {} } }))],
    [
      'when a Migration appears that cordoning has asked for',
      () => api.put(migrations, migrationWith(undefined, { trigger: 'Cordon' })),
    ],
    [
      'when the labels of a namespace change and it is cordoned',
      () => api.put(namespaces, { metadata: { name: 'default', labels: { team: 'a' } } }),
    ],
    [
      'when the policy changes and it is cordoned',
      () => api.put(migrationPolicies, { metadata: { name: 'default' }, spec: builtInPolicy }),
    ],
  ])('%s', async (_when, change) => {
    expect(await seen(change)).toEqual(['n1']);
  });

  it('now and then, as long as there may be something to do', async () => {
    api.put(nodes, { metadata: { name: 'n2' }, spec: {} });
    api.put(nodes, { metadata: { name: 'n3' }, spec: {} });
    api.put(migrations, migrationWith({ source: { ...source, nodeName: 'n2' } }, { trigger: 'Cordon' }));
    await withCaches(() => {
      expect(nodesInQuestion(caches).map(({ name: node }) => node)).toEqual(['n1', 'n2']);
      return Promise.resolve();
    });
  });
});
