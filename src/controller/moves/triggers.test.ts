import { describe, expect, it } from 'vitest';
import type { Node } from '../../api/pod.ts';
import { migrations, nodes } from '../../api/resource.ts';
import { FakeClock } from '../../clock/fake-clock.ts';
import { FakeApi } from '../../kube/fake-api.ts';
import { silentLog } from '../../log/log.ts';
import { decommissioned, migrationWith, nodeWith, source, target } from '../../migration/move-fixture.ts';
import { cachesSynced, createCaches, runCaches } from '../caches.ts';
import { triggerMoves } from './triggers.ts';

type Spec = NonNullable<Node['spec']>;

/** The Migrations that are looked at when a node becomes so. */
const lookedAt = async (name: string, spec: Spec): Promise<string[]> => {
  const api = new FakeApi();
  const toN2 = { source, target };
  api.put(migrations, migrationWith({ phase: 'Moving', ...toN2 }, {}, { name: 'on-its-way' }));
  api.put(migrations, migrationWith({ phase: 'Inspecting', source }, {}, { name: 'without-target' }));
  const over = { type: 'Finished', status: 'True', reason: 'Moved', message: '', lastTransitionTime: '' } as const;
  api.put(
    migrations,
    migrationWith({ phase: 'Succeeded', ...toN2, conditions: [over] }, {}, { name: 'over', finalizers: [] }),
  );
  const caches = createCaches({ api, clock: new FakeClock(), random: () => 0.5, log: silentLog });
  const stop = new AbortController();
  const running = runCaches(caches, stop.signal);
  await cachesSynced(caches, stop.signal);
  const added: string[] = [];
  triggerMoves(caches, (key) => added.push(key.name));
  api.put(nodes, nodeWith(name, spec));
  await new Promise((resolve) => setImmediate(resolve));
  stop.abort(new Error('over'));
  await running;
  return added;
};

describe('the moves to a node are looked at', () => {
  it.each<[string, string, Spec, string[]]>([
    ['when it is decommissioned', 'n2', decommissioned, ['on-its-way']],
    ['but not when it is cordoned', 'n2', { unschedulable: true }, []],
    ['but not when another node is decommissioned', 'n3', decommissioned, []],
  ])('%s', async (_when, name, spec, names) => {
    expect(await lookedAt(name, spec)).toEqual(names);
  });
});
