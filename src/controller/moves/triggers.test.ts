import { describe, expect, it } from 'vitest';
import type { Node } from '../../api/pod.ts';
import { migrations, nodes, pods } from '../../api/resource.ts';
import { FakeClock } from '../../clock/fake-clock.ts';
import { FakeApi } from '../../kube/fake-api.ts';
import { silentLog } from '../../log/log.ts';
import { decommissioned, migrationWith, nodeWith, podWith, source, target } from '../../migration/move-fixture.ts';
import { cachesSynced, createCaches, runCaches } from '../caches.ts';
import { triggerMoves } from './triggers.ts';

type Spec = NonNullable<Node['spec']>;
type Changes = Parameters<typeof migrationWith>[0];

const over = { type: 'Finished', status: 'True', reason: 'Moved', message: '', lastTransitionTime: '' } as const;

const migration = (name: string, podName: string, status?: Changes, metadata: object = {}) =>
  migrationWith(status, { podName }, { name, uid: name, ...metadata });

/** The Migrations that are looked at when that happens, each once. */
const lookedAt = async (change: (api: FakeApi) => void): Promise<string[]> => {
  const api = new FakeApi();
  const toN2 = { source, target };
  api.put(migrations, migration('waits', 'web-2'));
  api.put(migrations, migration('waits-too', 'web-3', { reason: 'Waiting', message: 'there is no room' }));
  api.put(migrations, migration('on-its-way', 'web-1', { phase: 'Moving', ...toN2 }));
  api.put(migrations, migration('without-target', 'web-4', { phase: 'Inspecting', source }));
  const ended: Changes = { phase: 'Succeeded', ...toN2, conditions: [over] };
  api.put(migrations, migration('over', 'web-1', ended, { finalizers: [] }));
  const caches = createCaches({ api, clock: new FakeClock(), random: () => 0.5, log: silentLog });
  const stop = new AbortController();
  const running = runCaches(caches, stop.signal);
  await cachesSynced(caches, stop.signal);
  const added = new Set<string>();
  triggerMoves(caches, (key) => added.add(key.name));
  change(api);
  await new Promise((resolve) => setImmediate(resolve));
  stop.abort(new Error('over'));
  await running;
  return [...added];
};

describe('the moves to a node are looked at', () => {
  it.each<[string, string, Spec, string[]]>([
    ['when it is decommissioned', 'n2', decommissioned, ['on-its-way']],
    ['but not when it is cordoned', 'n2', { unschedulable: true }, []],
    ['but not when another node is decommissioned', 'n3', decommissioned, []],
  ])('%s', async (_when, name, spec, names) => {
    expect(await lookedAt((api) => api.put(nodes, nodeWith(name, spec)))).toEqual(names);
  });
});

describe('the moves that wait for room are looked at', () => {
  it.each<[string, (api: FakeApi) => void, string[]]>([
    [
      'when one ends',
      (api) => api.put(migrations, migration('on-its-way', 'web-1', { phase: 'Failed', source, target })),
      ['on-its-way', 'waits', 'waits-too'],
    ],
    [
      'when one is gone',
      (api) => {
        api.store.remove('transship.dev/migrations', 'default/on-its-way');
      },
      ['waits', 'waits-too'],
    ],
    ['but not when another begins to wait', (api) => api.put(migrations, migration('new', 'web-5')), ['new']],
    [
      'nor when another says why it waits',
      (api) => api.put(migrations, migration('waits', 'web-2', { reason: 'Waiting', message: 'there is none' })),
      ['waits'],
    ],
    [
      'nor when another begins',
      (api) => api.put(migrations, migration('waits', 'web-2', { phase: 'Inspecting', source })),
      ['waits'],
    ],
  ])('%s', async (_when, change, names) => {
    expect(await lookedAt(change)).toEqual(names);
  });
});

describe('the moves of a pod are looked at', () => {
  const podNamed = (name: string, metadata: object = {}) => podWith({ metadata: { name, uid: name, ...metadata } });

  it.each<[string, (api: FakeApi) => void, string[]]>([
    ['when it changes', (api) => api.put(pods, podNamed('web-2')), ['waits']],
    ['when it is their target', (api) => api.put(pods, podNamed(target.podName)), ['on-its-way']],
    [
      'when it was made for one of them, whatever it is called',
      (api) => api.put(pods, podNamed('stray', { annotations: { 'transship.dev/migration': 'without-target' } })),
      ['without-target'],
    ],
    ['but not when it is in another namespace', (api) => api.put(pods, podNamed('web-2', { namespace: 'other' })), []],
  ])('%s', async (_when, change, names) => {
    expect(await lookedAt(change)).toEqual(names);
  });
});
