import { beforeEach, describe, expect, it } from 'vitest';
import { migrationNodes, nodes, pods } from '../../api/resource.ts';
import { ApiError } from '../../kube/api-error.ts';
import { agentOf, decommissioned, podWith } from '../../migration/move-fixture.ts';
import { makeCluster, name } from './node-fixture.ts';

let cluster: ReturnType<typeof makeCluster>;

describe('decommissioning', () => {
  const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady' };
  const nodeWith = (spec: object) =>
    cluster.api.put(nodes, { metadata: { name: 'n1', uid: 'n1' }, spec, status: { conditions: [ready] } });
  const ordinary = (of: string, changes: object = {}) =>
    cluster.api.put(pods, podWith({ metadata: { name: of, uid: of, annotations: {}, ...changes } }));
  const ownedBy = (kind: string) => ({
    ownerReferences: [{ apiVersion: 'apps/v1', kind, name: 'x', uid: 'x', controller: true }],
  });

  const conditions = async () => (await cluster.api.get(nodes, { name: 'n1' })).status?.conditions;
  const said = async () => {
    const found = (await conditions())?.find(({ type }) => type === 'Decommissioned');
    return found && `${found.status} ${found.reason ?? ''}: ${found.message ?? ''}`;
  };
  beforeEach(() => {
    cluster = makeCluster();
    nodeWith(decommissioned);
  });

  it('moves what can be moved at once, and evicts the rest when it has looked so for a while', async () => {
    ordinary('plain');
    ordinary('of-the-node', ownedBy('DaemonSet'));
    expect(await cluster.reconcile()).toEqual({ afterMs: 10_000 });
    expect((await cluster.record()).spec.trigger).toBe('Decommission');
    expect(cluster.evicted()).toEqual([]);
    expect(await said()).toBe(
      'False Emptying: 2 pods are left: 1 moves; 1 is to be evicted. 1 stays (1 of a DaemonSet)',
    );
    await cluster.clock.advance(10_000);
    await cluster.reconcile();
    expect(cluster.evicted()).toEqual(['plain']);
    await cluster.reconcile();
    expect(await said()).toBe('False Emptying: 1 pod is left: 1 moves. 1 stays (1 of a DaemonSet)');
    await cluster.api.delete(pods, { namespace: 'default', name: 'web-1' });
    await cluster.reconcile();
    expect(await said()).toBe('True Empty: no pod is left that has to leave. 1 stays (1 of a DaemonSet)');
    expect(cluster.podNames()).toEqual(['default/of-the-node']);
    expect(cluster.told).toEqual([
      'Normal Emptying Node n1',
      'Normal EvictedByDecommission Pod plain',
      'Normal Empty Node n1',
    ]);
  });

  it('waits longer for one that opted in, which may get so far that it can be moved', async () => {
    cluster.api.store.remove('transship.dev/migrationnodes', 'n1');
    await cluster.reconcile();
    await cluster.clock.advance(29_999);
    await cluster.reconcile();
    expect(cluster.evicted()).toEqual([]);
    cluster.api.put(migrationNodes, agentOf('n1', { heartbeatTime: new Date(cluster.clock.now()).toISOString() }));
    await cluster.clock.advance(1);
    await cluster.reconcile();
    expect(cluster.evicted()).toEqual([]);
    expect(cluster.migrationNames()).toEqual([`default/${name}`]);
  });

  it('tries again what a budget does not allow, less and less often, and says which budget it is', async () => {
    await cluster.api.delete(pods, { namespace: 'default', name: 'web-1' });
    ordinary('plain');
    const causes = ['The disruption budget plain needs 1 healthy pods and has 1 currently'];
    cluster.api.intercept(({ verb }) => {
      if (verb === 'evict')
        throw new ApiError({ code: 429, reason: 'TooManyRequests', message: 'Cannot evict pod', causes });
    });
    const waits: (number | undefined)[] = [];
    for (let pass = 0; pass < 6; pass += 1) {
      const { afterMs } = (await cluster.reconcile()) ?? {};
      waits.push(afterMs);
      await cluster.clock.advance(afterMs ?? 0);
    }
    expect(waits).toEqual([10_000, 5_000, 10_000, 20_000, 30_000, 30_000]);
    expect(await said()).toBe(`False Emptying: 1 pod is left: 1 cannot be evicted yet: default/plain (${causes[0]!})`);
    expect(cluster.told).toEqual(['Normal Emptying Node n1']);
  });

  it('evicts this very pod, and is content when it is gone', async () => {
    ordinary('plain');
    await cluster.reconcile();
    await cluster.clock.advance(10_000);
    await cluster.reconcile('n1', () => {
      ordinary('plain', { uid: 'younger' });
    });
    expect(cluster.evicted()).toEqual(['plain']);
    expect(cluster.podNames()).toContain('default/plain');
  });

  it('writes its condition when it has changed, and leaves those of the kubelet alone', async () => {
    await cluster.reconcile();
    await cluster.clock.advance(60_000);
    await cluster.reconcile();
    expect(cluster.api.requests.filter(({ verb, plural }) => verb === 'patch' && plural === 'nodes')).toHaveLength(1);
    expect(await conditions()).toEqual([ready, expect.objectContaining({ type: 'Decommissioned' })]);
  });

  it('is tried again when the API server cannot be reached', async () => {
    cluster.api.intercept(({ verb, plural }) => {
      if (verb === 'patch' && plural === 'nodes') throw new Error('connection reset');
    });
    await expect(cluster.reconcile()).rejects.toThrow('connection reset');
  });

  it('is taken back with its taint: what has begun, and the condition', async () => {
    await cluster.reconcile();
    nodeWith({});
    await cluster.api.patch(
      nodes,
      { name: 'n1' },
      { status: { conditions: [{ type: 'Decommissioned', status: 'False' }] } },
      { subresource: 'status', strategic: true },
    );
    await cluster.reconcile();
    expect(await cluster.record()).toMatchObject({
      metadata: { annotations: { 'transship.dev/withdrawn': 'true' } },
      spec: { cancel: true },
    });
    expect(await conditions()).toEqual([ready]);
  });
});
