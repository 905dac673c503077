import { beforeEach, describe, expect, it } from 'vitest';
import { builtInPolicy } from '../../api/migration-policy.ts';
import { phaseOf } from '../../api/migration.ts';
import { migrations, pods } from '../../api/resource.ts';
import { keyOf } from '../../kube/lookup.ts';
import { podWith } from '../../migration/move-fixture.ts';
import { key, makeCluster } from './cluster-fixture.ts';

let cluster: ReturnType<typeof makeCluster>;

beforeEach(() => {
  cluster = makeCluster();
});

describe('of many moves', () => {
  const names = ['a', 'b', 'c', 'd'];
  beforeEach(() => {
    cluster.policies.ofAll = { ...builtInPolicy, maxOutboundPerNode: 2 };
    cluster.api.store.of('transship.dev/migrations').delete('default/move');
    for (const name of names) {
      cluster.api.put(pods, podWith({ metadata: { name, uid: `uid-${name}` } }));
      cluster.api.put(migrations, {
        metadata: { name: `move-${name}`, namespace: 'default' },
        spec: { podName: name },
      });
    }
  });

  const phasesNow = async () =>
    Object.fromEntries(
      (await cluster.api.list(migrations)).items
        .filter((m) => m.metadata.name !== 'move')
        .map((m) => [m.spec.podName, phaseOf(m)]),
    );

  it('no more begin at once than there is room for, and the next when one ends', async () => {
    await Promise.all(names.map((name) => cluster.reconcile(`move-${name}`)));
    expect(Object.values(await phasesNow()).sort()).toEqual(['Inspecting', 'Inspecting', 'Pending', 'Pending']);
    const [waiting] = (await cluster.api.list(migrations)).items.filter((m) => m.status?.reason === 'Waiting');
    expect(waiting?.status?.message).toBe('2 moves are under way from node n1, the limit is 2');
    const [first] = (await cluster.api.list(migrations)).items.filter((m) => phaseOf(m) === 'Inspecting');
    if (first) await cluster.api.patch(migrations, keyOf(first), { spec: { cancel: true } });
    await cluster.reconcile(first?.metadata.name);
    await Promise.all(names.map((name) => cluster.reconcile(`move-${name}`)));
    expect(Object.values(await phasesNow()).sort()).toEqual(['Cancelled', 'Inspecting', 'Inspecting', 'Pending']);
  });

  it('the one of the highest priority has its room, whichever is looked at first', async () => {
    cluster.policies.changesFor['d'] = { priority: 5 };
    for (const name of names) await cluster.reconcile(`move-${name}`);
    expect(await phasesNow()).toEqual({ a: 'Inspecting', b: 'Pending', c: 'Pending', d: 'Inspecting' });
    const { status } = await cluster.api.get(migrations, { ...key, name: 'move-c' });
    expect(status?.message).toBe(
      'the room from node n1 is for those that go before it, the limit is 2; 2 moves go before it',
    );
  });

  it('those that only wait cost the API server nothing, however often they are looked at', async () => {
    for (const name of names) await cluster.reconcile(`move-${name}`);
    const asked = cluster.api.requests.length;
    for (const name of ['c', 'd', 'c', 'd'])
      expect(await cluster.reconcile(`move-${name}`)).toEqual({ afterMs: 3_000 });
    expect(cluster.api.requests).toHaveLength(asked);
  });

  it('one that waits is asked about when there is something to do about it, and only then', async () => {
    for (const name of names) await cluster.reconcile(`move-${name}`);
    await cluster.api.patch(migrations, { ...key, name: 'move-c' }, { spec: { cancel: true } });
    await cluster.reconcile('move-c');
    expect(await phasesNow()).toMatchObject({ c: 'Cancelled', d: 'Pending' });
    await cluster.clock.advance(3_600_000);
    await cluster.reconcile('move-d');
    expect((await cluster.api.get(migrations, { ...key, name: 'move-d' })).status?.reason).toBe('DeadlineExceeded');
  });

  it('only one takes a pod', async () => {
    cluster.policies.ofAll = builtInPolicy;
    cluster.api.put(migrations, { metadata: { name: 'move-a-too', namespace: 'default' }, spec: { podName: 'a' } });
    await Promise.all(['move-a', 'move-a-too'].map((name) => cluster.reconcile(name)));
    const states = (await cluster.api.list(migrations)).items
      .filter((m) => m.spec.podName === 'a')
      .map((m) => m.status?.reason);
    expect(states.sort()).toEqual(['Accepted', 'Waiting']);
  });
});
