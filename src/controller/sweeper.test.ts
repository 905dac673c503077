import { beforeEach, describe, expect, it } from 'vitest';
import type { MigrationStatus } from '../api/migration.ts';
import { ipLeases, migrationNodes, migrations, nodes, pods } from '../api/resource.ts';
import { FakeClock } from '../clock/fake-clock.ts';
import { FakeApi } from '../kube/fake-api.ts';
import { silentLog } from '../log/log.ts';
import { agentOf, leaseWith, migrationWith, now, podWith, source, targetWith } from '../migration/move-fixture.ts';
import { type Caches, cachesSynced, createCaches, runCaches } from './caches.ts';
import { Sweeper } from './sweeper.ts';

let api: FakeApi;
let clock: FakeClock;
let caches: Caches;
let sweeper: Sweeper;

beforeEach(() => {
  clock = new FakeClock(now);
  api = new FakeApi(() => clock.now());
  caches = createCaches({ api, clock, random: () => 0.5, log: silentLog });
  sweeper = new Sweeper({ api, remains: caches, clock, log: silentLog });
});

/** What is left when it has swept for a while. */
const sweep = async (): Promise<string[]> => {
  const stop = new AbortController();
  const running = runCaches(caches, stop.signal);
  await cachesSynced(caches, stop.signal);
  await sweeper.sweep(stop.signal);
  await clock.advance(40_000);
  await sweeper.sweep(stop.signal);
  stop.abort(new Error('over'));
  await running;
  return ['transship.dev/migrations', 'transship.dev/migrationnodes', 'transship.dev/ipleases', '/pods'].flatMap(
    (kind) => [...api.store.of(kind).keys()],
  );
};

const over = (name: string, agoMs: number, phase: 'Failed' | 'Succeeded' | 'Lost' = 'Failed') =>
  migrationWith(
    {
      phase,
      conditions: [
        {
          type: 'Finished',
          status: 'True',
          reason: 'DumpFailed',
          message: '',
          lastTransitionTime: new Date(now - agoMs).toISOString(),
        },
      ],
    },
    {},
    { name, uid: name, finalizers: [] },
  );

describe('sweeping', () => {
  it('takes the address of a pod that is gone', async () => {
    api.put(ipLeases, leaseWith());
    expect(await sweep()).toEqual([]);
  });

  it.each(['Succeeded', 'Failed'])('takes the address of a pod that is kept though it has %s', async (phase) => {
    api.put(pods, podWith({ status: { phase } }));
    api.put(ipLeases, leaseWith());
    expect(await sweep()).not.toContain('10.244.1.5');
  });

  it.each<[string, () => void]>([
    ['of a pod that lives', () => api.put(pods, podWith())],
    ['that a move still counts on', () => api.put(migrations, migrationWith({ phase: 'Committed', source }))],
  ])('leaves the address %s', async (_name, given) => {
    given();
    api.put(ipLeases, leaseWith());
    expect(await sweep()).toContain('10.244.1.5');
  });

  it('takes nothing that has only just come to look like garbage', async () => {
    api.put(ipLeases, leaseWith());
    const stop = new AbortController();
    const running = runCaches(caches, stop.signal);
    await cachesSynced(caches, stop.signal);
    await sweeper.sweep(stop.signal);
    await clock.advance(20_000);
    await sweeper.sweep(stop.signal);
    expect(api.store.of('transship.dev/ipleases').size).toBe(1);
    stop.abort(new Error('over'));
    await running;
  });

  it('takes what an agent reported of a node that is gone', async () => {
    api.put(nodes, { metadata: { name: 'n1' } });
    api.put(migrationNodes, agentOf('n1'));
    api.put(migrationNodes, agentOf('n2'));
    expect(await sweep()).toEqual(['n1']);
  });

  it('takes Migrations that ended an hour ago, and of many the older ones', async () => {
    api.put(migrations, over('old', 3_700_000));
    for (let n = 0; n < 60; n += 1) api.put(migrations, over(`m${n}`, 900_000 + n * 1_000));
    api.put(migrations, over('fresh', 1_000));
    api.put(migrations, migrationWith({ phase: 'Moving', source }, {}, { name: 'running' }));
    const left = await sweep();
    expect(left).not.toContain('default/old');
    expect(left).toEqual(expect.arrayContaining(['default/fresh', 'default/running', 'default/m0', 'default/m48']));
    expect(left).not.toContain('default/m49');
    expect(left).toHaveLength(51);
  });

  it('takes targets of attempts and moves that are over, but none that a move has now or has committed to', async () => {
    const targetOf = (name: string, pod = `target-of-${name}`) =>
      targetWith({
        metadata: {
          name: pod,
          uid: pod,
          labels: { 'transship.dev/target': name },
          annotations: { 'transship.dev/migration': name },
        },
      });
    const underWay = (name: string, status: Partial<MigrationStatus>) =>
      api.put(migrations, migrationWith({ source, ...status }, {}, { name, uid: name }));
    api.put(migrations, over('failed', 1_000));
    api.put(migrations, over('moved', 1_000, 'Succeeded'));
    api.put(migrations, over('lost', 1_000, 'Lost'));
    underWay('running', { phase: 'Preparing', attempt: 2, target: { podName: 'target-of-running' } });
    underWay('committed', { phase: 'Committed', target: { podName: 'target-of-committed' } });
    underWay('retrying', { phase: 'Inspecting', attempt: 2 });
    // The controller itself removes it, before it says that all is done.
    underWay('failing', { phase: 'Failed', target: { podName: 'target-of-failing' } });
    for (const name of ['failed', 'moved', 'lost', 'running', 'committed', 'retrying', 'failing', 'removed'])
      api.put(pods, targetOf(name));
    api.put(pods, targetOf('running', 'first-target-of-running'));
    // What is left of a Migration that was removed by force may be all that is left of the pod, if it runs.
    api.put(pods, { ...targetOf('gone'), status: { phase: 'Pending' } });
    const left = await sweep();
    expect(left.filter((name) => name.includes('target')).sort()).toEqual(
      ['committed', 'failing', 'lost', 'moved', 'removed', 'running'].map((name) => `default/target-of-${name}`),
    );
  });
});
