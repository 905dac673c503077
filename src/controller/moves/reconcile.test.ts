import { beforeEach, describe, expect, it } from 'vitest';
import { phaseOf } from '../../api/migration.ts';
import { ipLeases, migrations, nodes, pods } from '../../api/resource.ts';
import { ApiError } from '../../kube/api-error.ts';
import { mostAttempts } from '../../migration/attempt.ts';
import { address, decommissioned, nodeWith, podWith, sourceUID } from '../../migration/move-fixture.ts';
import { key, makeCluster } from './cluster-fixture.ts';

let cluster: ReturnType<typeof makeCluster>;

beforeEach(() => {
  cluster = makeCluster();
});

describe('a move', () => {
  it('goes from the request to the new pod, each writer doing its part', async () => {
    await cluster.reconcile();
    expect(phaseOf(await cluster.record())).toBe('Inspecting');
    expect((await cluster.record()).metadata.finalizers).toEqual(['transship.dev/move']);

    await cluster.inspect();
    await cluster.reconcile();
    const preparing = await cluster.record();
    expect(preparing.status).toMatchObject({
      phase: 'Preparing',
      reason: 'TargetCreated',
      target: { podUID: expect.any(String) as string },
    });
    expect((await cluster.api.get(ipLeases, { name: address.ip })).spec).toMatchObject({
      nodeName: 'n1',
      podUID: sourceUID,
      prefixLength: 24,
    });

    const name = await cluster.schedule();
    await cluster.reconcile();
    expect((await cluster.record()).status?.target).toMatchObject({ podName: name, nodeName: 'n2' });

    await cluster.agentEnters('Arrived', {
      target: { ...(await cluster.record()).status?.target, podName: name, containers: [{ name: 'web', id: 'c2' }] },
    });
    await cluster.agentEnters('Moving');
    const before = (await cluster.record()).metadata.resourceVersion;
    await cluster.reconcile();
    expect((await cluster.record()).metadata.resourceVersion).toBe(before);

    await cluster.agentEnters('Committed');
    await cluster.reconcile();
    expect((await cluster.api.get(ipLeases, { name: address.ip })).spec).toMatchObject({
      nodeName: 'n2',
      podName: name,
    });
    expect(cluster.podNames()).toEqual(['default/web-1', `default/${name}`]);

    cluster.ready(name);
    await cluster.reconcile();
    expect(phaseOf(await cluster.record())).toBe('Committed');
    expect(cluster.podNames()).toEqual(['default/web-1', `default/${name}`]);

    await cluster.release();
    await cluster.reconcile();
    expect(cluster.podNames()).toEqual([`default/${name}`]);
    const moved = await cluster.api.get(pods, { namespace: 'default', name });
    expect(moved.metadata).toMatchObject({
      labels: { app: 'web', 'pod-template-hash': 'abc' },
      ownerReferences: [{ name: 'web' }],
      annotations: { 'transship.dev/moved-from': 'n1' },
    });
    expect(moved.metadata.labels).not.toHaveProperty('transship.dev/target');

    const done = await cluster.record();
    expect(done.status).toMatchObject({ phase: 'Succeeded', reason: 'Moved' });
    expect(done.status?.conditions?.map(({ type, status }) => `${type} ${status}`)).toEqual([
      'Finished True',
      'Movable True',
      'Succeeded True',
    ]);
    expect(done.status?.phaseTransitions?.map(({ phase }) => phase)).toEqual([
      'Inspecting',
      'Preparing',
      'Arrived',
      'Moving',
      'Committed',
      'Succeeded',
    ]);
    expect(done.metadata.finalizers).toEqual([]);
    expect(await cluster.eventsSaid()).toEqual(['Migration Accepted', 'Pod Accepted', 'Migration Moved', 'Pod Moved']);
  });

  /** What is written to pods when the target has been let go and is ready. */
  const writesOfHandOver = async (): Promise<readonly [target: string, writes: readonly string[]]> => {
    const name = await cluster.untilPrepared();
    await cluster.agentEnters('Arrived');
    await cluster.agentEnters('Moving');
    await cluster.agentEnters('Committed');
    cluster.ready(name);
    await cluster.release();
    cluster.api.requests.length = 0;
    await cluster.reconcile();
    const writes = cluster.api.requests
      .filter(({ verb, plural }) => plural === 'pods' && verb !== 'get')
      .map(({ verb, name: pod }) => `${verb} ${pod ?? ''}`);
    return [name, writes];
  };

  it('marks the source before the owner counts the target, and removes it after', async () => {
    const [name, writes] = await writesOfHandOver();
    expect(writes).toEqual(['patch web-1', `patch ${name}`, 'delete web-1']);
  });

  it('looks at the other pods of the owner, so that none of them is removed in its stead', async () => {
    const starting = { status: { phase: 'Pending', conditions: [] } };
    cluster.api.put(pods, podWith({ metadata: { name: 'web-2', uid: 'u2' }, ...starting }));
    const [name, writes] = await writesOfHandOver();
    expect(writes).toEqual(['patch web-1', 'patch web-1', `patch ${name}`, 'delete web-1']);
  });

  it('does not look at the pods of others', async () => {
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'api', uid: 'other', controller: true };
    const metadata = { name: 'api-1', uid: 'u3', ownerReferences: [owner] };
    cluster.api.put(pods, podWith({ metadata, status: { phase: 'Pending', conditions: [] } }));
    const [name, writes] = await writesOfHandOver();
    expect(writes).toEqual(['patch web-1', `patch ${name}`, 'delete web-1']);
  });

  it('that an agent gives up leaves the source, and nothing else', async () => {
    await cluster.untilPrepared();
    await cluster.agentEnters('Arrived');
    await cluster.agentEnters('Moving');
    await cluster.agentEnters('Failed');
    await cluster.reconcile();
    expect(cluster.podNames()).toEqual(['default/web-1']);
    expect(cluster.api.store.of('transship.dev/ipleases').size).toBe(0);
    expect(
      (await cluster.record()).status?.conditions?.map(({ type, status, reason }) => `${type} ${status} ${reason}`),
    ).toEqual(['Finished True DumpFailed', 'Movable True SourceInspected', 'Succeeded False DumpFailed']);
    expect((await cluster.eventsSaid()).slice(-2)).toEqual(['Migration DumpFailed', 'Pod DumpFailed']);
  });

  it('of a pod that does not exist fails and says so on the Migration', async () => {
    await cluster.api.delete(pods, { namespace: 'default', name: 'web-1' });
    await cluster.reconcile();
    expect((await cluster.record()).status).toMatchObject({
      phase: 'Failed',
      reason: 'PodNotFound',
      message: 'PodNotFound: Pod default/web-1 does not exist',
    });
    expect(await cluster.eventsSaid()).toEqual(['Migration PodNotFound']);
  });

  it("whose target is refused fails with the API server's words", async () => {
    cluster.api.intercept(({ verb, plural }) => {
      if (verb === 'create' && plural === 'pods')
        throw new ApiError({ code: 403, reason: 'Forbidden', message: 'exceeded quota: small' });
    });
    await cluster.reconcile();
    await cluster.inspect();
    await cluster.reconcile();
    expect((await cluster.record()).status).toMatchObject({
      phase: 'Failed',
      reason: 'TargetPodRejected',
      message: 'exceeded quota: small',
    });
    expect(cluster.api.store.of('transship.dev/ipleases').size).toBe(0);
  });

  it('whose target was changed by another webhook removes it', async () => {
    await cluster.reconcile();
    await cluster.inspect();
    cluster.api.intercept(({ verb, plural, body }) => {
      if (verb === 'create' && plural === 'pods')
        (body as { spec: object }).spec = { ...(body as { spec: object }).spec, schedulerName: 'other' };
    });
    await cluster.reconcile();
    expect((await cluster.record()).status).toMatchObject({ phase: 'Failed', reason: 'TargetEscaped' });
    expect(cluster.podNames()).toEqual(['default/web-1']);
  });

  it('makes one target, also when the answer to its creation was lost', async () => {
    await cluster.reconcile();
    await cluster.inspect();
    let lost = false;
    cluster.api.intercept(({ verb, plural, subresource }) => {
      if (
        verb === 'patch' &&
        plural === 'migrations' &&
        subresource === 'status' &&
        cluster.podNames().length === 2 &&
        !lost
      ) {
        lost = true;
        throw new Error('connection reset');
      }
    });
    await expect(cluster.reconcile()).rejects.toThrow('connection reset');
    await cluster.reconcile();
    expect(cluster.podNames()).toHaveLength(2);
    expect((await cluster.record()).status?.target?.podUID).toBeDefined();
  });

  it('that is cancelled in the same moment as it is committed obeys the record', async () => {
    const name = await cluster.untilPrepared();
    await cluster.agentEnters('Arrived');
    await cluster.agentEnters('Moving');
    await cluster.api.patch(migrations, key, { spec: { cancel: true } });
    let raced = false;
    cluster.api.intercept(({ verb, plural, subresource }) => {
      if (verb !== 'patch' || plural !== 'migrations' || subresource !== 'status' || raced) return;
      raced = true;
      const stored = cluster.api.store.of('transship.dev/migrations').get('default/move');
      if (stored)
        cluster.api.store.write('transship.dev/migrations', 'default/move', {
          ...stored,
          status: { ...(stored['status'] as object), phase: 'Committed' },
        });
    });
    await cluster.reconcile();
    expect(phaseOf(await cluster.record())).toBe('Committed');
    cluster.ready(name);
    await cluster.release();
    await cluster.reconcile();
    expect(phaseOf(await cluster.record())).toBe('Succeeded');
  });

  it('that is deleted is taken back before it goes', async () => {
    await cluster.untilPrepared();
    await cluster.api.delete(migrations, key);
    expect((await cluster.record()).metadata.deletionTimestamp).toBeDefined();
    await cluster.reconcile();
    expect(cluster.podNames()).toEqual(['default/web-1']);
    await expect(cluster.record()).rejects.toThrow('not found');
    expect((await cluster.eventsSaid()).slice(-2)).toEqual(['Migration CancelRequested', 'Pod CancelRequested']);
  });

  it('whose target vanishes after the commit is never called a success', async () => {
    const name = await cluster.untilPrepared();
    await cluster.agentEnters('Arrived');
    await cluster.agentEnters('Moving');
    await cluster.agentEnters('Committed');
    await cluster.api.delete(pods, { namespace: 'default', name });
    await cluster.reconcile();
    expect(cluster.podNames()).toEqual([]);
    expect((await cluster.record()).status).toMatchObject({
      phase: 'Lost',
      reason: 'TargetLost',
      message: `the target pod ${name} does not exist any more, after the commit; the pod starts anew`,
    });
    const conditions = (await cluster.record()).status?.conditions ?? [];
    expect(conditions.map(({ type, status, reason }) => `${type} ${status} ${reason}`)).toEqual([
      'Finished True TargetLost',
      'Movable True SourceInspected',
      'Succeeded False TargetLost',
    ]);
    expect((await cluster.record()).metadata.finalizers).toEqual([]);
    expect((await cluster.eventsSaid()).filter((said) => said.endsWith(' TargetLost'))).toEqual([
      'Migration TargetLost',
      'Pod TargetLost',
      'Pod TargetLost',
    ]);
    expect(await cluster.eventsSaid()).not.toContain('Pod Moved');
  });

  it('whose attempt an agent takes back removes its target, waits, and makes another', async () => {
    const first = await cluster.untilPrepared();
    await cluster.agentEnters('Arrived');
    await cluster.agentEnters('Moving');
    await cluster.agentEnds('RestoreFailed');
    expect((await cluster.record()).status).toMatchObject({ phase: 'Retrying', attempt: 2 });

    await cluster.reconcile();
    expect(phaseOf(await cluster.record())).toBe('Retrying');
    expect(cluster.podNames()).toEqual(['default/web-1']);
    // The address stays with the source: the next target is to have it.
    expect((await cluster.api.get(ipLeases, { name: address.ip })).spec).toMatchObject({
      nodeName: 'n1',
      podUID: sourceUID,
    });

    await cluster.clock.advance(1_000);
    await cluster.reconcile();
    const anew = await cluster.record();
    expect(anew.status).toMatchObject({ phase: 'Inspecting', message: 'attempt 2 of at most 4 begins' });
    expect(anew.status).not.toHaveProperty('target');
    expect(anew.status).not.toHaveProperty('notBefore');

    // Nothing that was seen in the first attempt counts in the second.
    await cluster.reconcile();
    expect(phaseOf(await cluster.record())).toBe('Inspecting');
    await cluster.inspect();
    await cluster.reconcile();
    const second = (await cluster.record()).status?.target?.podName ?? '';
    expect(second).not.toBe(first);
    expect(cluster.podNames()).toEqual(['default/web-1', `default/${second}`]);
    expect(
      (await cluster.record()).status?.attempts?.map(({ number, nodeName, reason }) => [number, nodeName, reason]),
    ).toEqual([[1, 'n2', 'RestoreFailed']]);
    expect(await cluster.eventsSaid()).toEqual(['Migration Accepted', 'Pod Accepted']);
  });

  it('goes elsewhere when the node of its target is decommissioned, and has all its retries yet', async () => {
    const first = await cluster.untilPrepared();
    await cluster.agentEnters('Arrived');
    cluster.api.put(nodes, nodeWith('n2', decommissioned));
    await cluster.reconcile();
    expect((await cluster.record()).status).toMatchObject({ phase: 'Retrying', reason: 'TargetNodeDecommissioned' });
    await cluster.clock.advance(1_000);
    await cluster.reconcile();
    expect(cluster.podNames()).toEqual(['default/web-1']);
    await cluster.inspect();
    await cluster.reconcile();
    const { target, attempts } = (await cluster.record()).status ?? {};
    expect(target?.podName).not.toBe(first);
    expect(attempts?.map(({ nodeName, reason }) => [nodeName, reason])).toEqual([['n2', 'TargetNodeDecommissioned']]);
    expect(mostAttempts(await cluster.record())).toBe(cluster.policies.ofAll.retries + 2);
  });
});
