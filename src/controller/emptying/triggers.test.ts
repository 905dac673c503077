import { beforeEach, describe, expect, it } from 'vitest';
import { builtInPolicy } from '../../api/migration-policy.ts';
import { migrationPolicies, migrations, nodes, pods } from '../../api/resource.ts';
import { FakeClock } from '../../clock/fake-clock.ts';
import { namespaces } from '../../kube/builtin-resources.ts';
import { FakeApi } from '../../kube/fake-api.ts';
import { silentLog } from '../../log/log.ts';
import { decommissioned, migrationWith, nodeWith, podWith, source } from '../../migration/move-fixture.ts';
import { type Caches, cachesSynced, createCaches, runCaches } from '../caches.ts';
import { nodesInQuestion, triggerEmptying } from './triggers.ts';

let api: FakeApi;
let caches: Caches;

beforeEach(() => {
  api = new FakeApi();
  caches = createCaches({ api, clock: new FakeClock(), random: () => 0.5, log: silentLog });
  api.put(nodes, nodeWith('n1', { unschedulable: true }));
  api.put(nodes, nodeWith('n2', decommissioned));
  api.put(nodes, nodeWith('n3'));
  api.put(pods, podWith());
});

/** The nodes that are looked at when that happens. */
const lookedAt = async (change: () => unknown): Promise<string[]> => {
  const stop = new AbortController();
  const running = runCaches(caches, stop.signal);
  await cachesSynced(caches, stop.signal);
  const added: string[] = [];
  triggerEmptying(caches, ({ name }) => added.push(name));
  change();
  await new Promise((resolve) => setImmediate(resolve));
  stop.abort(new Error('over'));
  await running;
  return [...new Set(added)];
};

const empty = { conditions: [{ type: 'Decommissioned', status: 'True' }] };
const onNode = (nodeName: string, name = 'web-1') => podWith({ metadata: { name, labels: {} }, spec: { nodeName } });
const from = (nodeName: string, trigger: 'Cordon' | 'Decommission' | 'Eviction') =>
  migrationWith({ phase: 'Failed', source: { ...source, nodeName } }, { trigger });

describe('a node is looked at', () => {
  it.each<[string, () => unknown, string[]]>([
    ['when it changes', () => api.put(nodes, nodeWith('n3')), ['n3']],
    ['when a pod on it changes and it is cordoned', () => api.put(pods, onNode('n1')), ['n1']],
    ['when a pod on it changes and it is decommissioned', () => api.put(pods, onNode('n2')), ['n2']],
    ['but not when a pod on it changes and it is open', () => api.put(pods, onNode('n3')), []],
    [
      'when a pod is gone, wherever it was, and it is decommissioned',
      () => {
        api.store.remove('/pods', 'default/web-1');
      },
      ['n2'],
    ],
    [
      'but not then, when it is empty',
      () => {
        api.put(nodes, { ...nodeWith('n2', decommissioned), status: empty });
        api.store.remove('/pods', 'default/web-1');
      },
      ['n2'], // for its own change
    ],
    ['when a Migration appears that cordoning has asked for', () => api.put(migrations, from('n1', 'Cordon')), ['n1']],
    ['also when it has been opened meanwhile', () => api.put(migrations, from('n3', 'Decommission')), ['n3']],
    [
      'when any Migration of a pod on it changes and it is decommissioned',
      () => api.put(migrations, from('n2', 'Eviction')),
      ['n2'],
    ],
    ['but not when it is only cordoned', () => api.put(migrations, from('n1', 'Eviction')), []],
    [
      'when the labels of a namespace change and it is to be emptied',
      () => api.put(namespaces, { metadata: { name: 'default', labels: { team: 'a' } } }),
      ['n1', 'n2'],
    ],
    [
      'when the policy changes and it is to be emptied',
      () => api.put(migrationPolicies, { metadata: { name: 'default' }, spec: builtInPolicy }),
      ['n1', 'n2'],
    ],
  ])('%s', async (_when, change, names) => {
    expect(await lookedAt(change)).toEqual(names);
  });

  it('now and then, as long as there may be something to do', async () => {
    api.put(nodes, { ...nodeWith('n4'), status: empty });
    api.put(nodes, nodeWith('n5'));
    api.put(migrations, from('n5', 'Cordon'));
    let found: string[] = [];
    await lookedAt(() => {
      found = nodesInQuestion(caches).map(({ name }) => name);
    });
    expect(found).toEqual(['n1', 'n2', 'n4', 'n5']);
  });
});
