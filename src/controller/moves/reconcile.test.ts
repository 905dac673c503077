import { beforeEach, describe, expect, it } from 'vitest';
import { builtInPolicy, type MigrationPolicySpec } from '../../api/migration-policy.ts';
import { type Migration, migration as migrationSchema, type MigrationStatus, phaseOf } from '../../api/migration.ts';
import { migrationNode } from '../../api/migration-node.ts';
import type { Reason } from '../../api/reasons.ts';
import { ipLeases, migrationNodes, migrations, nodes, pods } from '../../api/resource.ts';
import { FakeClock } from '../../clock/fake-clock.ts';
import { ApiError } from '../../kube/api-error.ts';
import { events } from '../../kube/builtin-resources.ts';
import { createEventRecorder, type EventRecorder } from '../../kube/events.ts';
import { FakeApi } from '../../kube/fake-api.ts';
import { inert } from '../../failpoint/fail-points.ts';
import { keyOf, keyText, type Lookup } from '../../kube/lookup.ts';
import { silentLog } from '../../log/log.ts';
import { address, agentOf, movable, now, podWith, sourceUID } from '../../migration/move-fixture.ts';
import { afterFault } from '../../migration/attempt.ts';
import { phaseChange } from '../../migration/status.ts';
import { OwnWrites } from './own-writes.ts';
import { PhaseWatch } from './phase-watch.ts';
import { MoveReconciler } from './reconcile.ts';

/** What the API server has, as a cache that is never behind. */
const lookupIn = <T extends { metadata: Migration['metadata'] }>(
  api: FakeApi,
  kind: string,
  parse: (stored: unknown) => T,
): Lookup<T> => ({
  get: (key) => {
    const stored = api.store.of(kind).get(keyText(key));
    return stored && parse(stored);
  },
  items: () => [...api.store.of(kind).values()].map(parse),
});

const signal = new AbortController().signal;
const key = { namespace: 'default', name: 'move' };

let api: FakeApi;
let clock: FakeClock;
let recorder: EventRecorder;
let policy: MigrationPolicySpec;
/** By the name of the pod. */
let changesFor: Record<string, Partial<MigrationPolicySpec>>;
let reconciler: MoveReconciler;

beforeEach(() => {
  clock = new FakeClock(now);
  api = new FakeApi(() => clock.now());
  recorder = createEventRecorder({
    api,
    clock,
    log: silentLog,
    controller: 'transship.dev/controller',
    instance: 'test',
  });
  policy = builtInPolicy;
  changesFor = {};
  reconciler = new MoveReconciler({
    api,
    migrations: lookupIn(api, 'transship.dev/migrations', (stored) => migrationSchema.parse(stored)),
    migrationNodes: lookupIn(api, 'transship.dev/migrationnodes', (stored) => migrationNode.parse(stored)),
    nodes: lookupIn(api, '/nodes', (stored) => nodes.schema.parse(stored)),
    pods: lookupIn(api, '/pods', (stored) => pods.schema.parse(stored)),
    policyOf: ({ metadata: { name } }) => ({ name: 'default', spec: { ...policy, ...changesFor[name] } }),
    events: recorder,
    ownWrites: new OwnWrites(),
    phaseWatch: new PhaseWatch(clock),
    points: inert,
    clock,
    log: silentLog,
  });
  api.put(migrationNodes, agentOf('n1'));
  api.put(migrationNodes, agentOf('n2'));
  api.put(pods, podWith());
  api.put(migrations, { metadata: { name: 'move', namespace: 'default' }, spec: { podName: 'web-1' } });
});

const reconcile = (name = 'move') => reconciler.reconcile({ ...key, name }, signal);
const record = () => api.get(migrations, key);
const podNames = () => [...api.store.of('/pods').keys()];
const eventsSaid = async (): Promise<string[]> => {
  await recorder.flush();
  return (await api.list(events)).items.map(({ reason, regarding }) => `${regarding?.kind ?? ''} ${reason ?? ''}`);
};

/** What an agent writes. */
const agentWrites = async (status: Partial<MigrationStatus>): Promise<void> => {
  await api.patch(migrations, key, { status }, { subresource: 'status' });
};
const agentEnters = async (phase: MigrationStatus['phase'], fields: Partial<MigrationStatus> = {}): Promise<void> => {
  const patch = phaseChange(await record(), {
    to: phase,
    now: clock.now(),
    reason: phase === 'Failed' ? 'DumpFailed' : 'Moving',
    message: `entered ${phase}`,
    fields,
  });
  await api.patch(migrations, key, patch, { subresource: 'status' });
};

const inspect = async (): Promise<void> => {
  const { status } = await record();
  await agentWrites({
    source: { nodeName: 'n1', podUID: sourceUID, address },
    conditions: [...(status?.conditions ?? []).filter((c) => c.type !== 'Movable'), movable],
  });
};

const schedule = async (): Promise<string> => {
  const name = (await record()).status?.target?.podName ?? '';
  await api.patch(pods, { namespace: 'default', name }, { spec: { nodeName: 'n2' } });
  return name;
};

const ready = (name: string): void => {
  const stored = api.store.of('/pods').get(`default/${name}`);
  if (stored)
    api.put(pods, {
      ...stored,
      status: {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: 'True' }],
        containerStatuses: [
          {
            name: 'web',
            image: '',
            imageID: '',
            containerID: 'containerd://c2',
            ready: true,
            restartCount: 0,
            state: { running: {} },
          },
        ],
      },
    });
};

/** What the agent of the target says when it has seen it run. */
const release = async (): Promise<void> => {
  const { status } = await record();
  if (!status?.target) throw new Error('there is no target');
  await agentWrites({ target: { ...status.target, releaseTime: new Date(clock.now()).toISOString() } });
};

/** An agent ends the present attempt. */
const agentEnds = async (reason: Reason): Promise<void> => {
  const patch = afterFault(await record(), { reason, message: 'it broke' }, { now: clock.now() });
  await api.patch(migrations, key, patch, { subresource: 'status' });
};

/** Up to where the agents take over. */
const untilPrepared = async (): Promise<string> => {
  await reconcile();
  await inspect();
  await reconcile();
  const name = await schedule();
  await reconcile();
  return name;
};

describe('a move', () => {
  it('goes from the request to the new pod, each writer doing its part', async () => {
    await reconcile();
    expect(phaseOf(await record())).toBe('Inspecting');
    expect((await record()).metadata.finalizers).toEqual(['transship.dev/move']);

    await inspect();
    await reconcile();
    const preparing = await record();
    expect(preparing.status).toMatchObject({
      phase: 'Preparing',
      reason: 'TargetCreated',
      target: { podUID: expect.any(String) as string },
    });
    expect((await api.get(ipLeases, { name: address.ip })).spec).toMatchObject({
      nodeName: 'n1',
      podUID: sourceUID,
      prefixLength: 24,
    });

    const name = await schedule();
    await reconcile();
    expect((await record()).status?.target).toMatchObject({ podName: name, nodeName: 'n2' });

    await agentEnters('Arrived', { target: { ...(await record()).status?.target, podName: name, containerID: 'c2' } });
    await agentEnters('Moving');
    const before = (await record()).metadata.resourceVersion;
    await reconcile();
    expect((await record()).metadata.resourceVersion).toBe(before);

    await agentEnters('Committed');
    await reconcile();
    expect((await api.get(ipLeases, { name: address.ip })).spec).toMatchObject({ nodeName: 'n2', podName: name });
    expect(podNames()).toEqual(['default/web-1', `default/${name}`]);

    ready(name);
    await reconcile();
    expect(phaseOf(await record())).toBe('Committed');
    expect(podNames()).toEqual(['default/web-1', `default/${name}`]);

    await release();
    await reconcile();
    expect(podNames()).toEqual([`default/${name}`]);
    const moved = await api.get(pods, { namespace: 'default', name });
    expect(moved.metadata).toMatchObject({
      labels: { app: 'web', 'pod-template-hash': 'abc' },
      ownerReferences: [{ name: 'web' }],
      annotations: { 'transship.dev/moved-from': 'n1' },
    });
    expect(moved.metadata.labels).not.toHaveProperty('transship.dev/target');

    const done = await record();
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
    expect(await eventsSaid()).toEqual(['Migration Accepted', 'Pod Accepted', 'Migration Moved', 'Pod Moved']);
  });

  it('marks the source before the owner counts the target, and removes it after', async () => {
    const name = await untilPrepared();
    await agentEnters('Arrived');
    await agentEnters('Moving');
    await agentEnters('Committed');
    ready(name);
    await release();
    api.requests.length = 0;
    await reconcile();
    const writes = api.requests
      .filter(({ verb, plural }) => plural === 'pods' && verb !== 'get')
      .map(({ verb, name: pod }) => `${verb} ${pod ?? ''}`);
    expect(writes).toEqual(['patch web-1', `patch ${name}`, 'delete web-1']);
  });

  it('that an agent gives up leaves the source, and nothing else', async () => {
    await untilPrepared();
    await agentEnters('Arrived');
    await agentEnters('Moving');
    await agentEnters('Failed');
    await reconcile();
    expect(podNames()).toEqual(['default/web-1']);
    expect(api.store.of('transship.dev/ipleases').size).toBe(0);
    expect(
      (await record()).status?.conditions?.map(({ type, status, reason }) => `${type} ${status} ${reason}`),
    ).toEqual(['Finished True DumpFailed', 'Movable True SourceInspected', 'Succeeded False DumpFailed']);
    expect((await eventsSaid()).slice(-2)).toEqual(['Migration DumpFailed', 'Pod DumpFailed']);
  });

  it('of a pod that does not exist fails and says so on the Migration', async () => {
    await api.delete(pods, { namespace: 'default', name: 'web-1' });
    await reconcile();
    expect((await record()).status).toMatchObject({
      phase: 'Failed',
      reason: 'PodNotFound',
      message: 'PodNotFound: Pod default/web-1 does not exist',
    });
    expect(await eventsSaid()).toEqual(['Migration PodNotFound']);
  });

  it("whose target is refused fails with the API server's words", async () => {
    api.intercept(({ verb, plural }) => {
      if (verb === 'create' && plural === 'pods')
        throw new ApiError({ code: 403, reason: 'Forbidden', message: 'exceeded quota: small' });
    });
    await reconcile();
    await inspect();
    await reconcile();
    expect((await record()).status).toMatchObject({
      phase: 'Failed',
      reason: 'TargetPodRejected',
      message: 'exceeded quota: small',
    });
    expect(api.store.of('transship.dev/ipleases').size).toBe(0);
  });

  it('whose target was changed by another webhook removes it', async () => {
    await reconcile();
    await inspect();
    api.intercept(({ verb, plural, body }) => {
      if (verb === 'create' && plural === 'pods')
        (body as { spec: object }).spec = { ...(body as { spec: object }).spec, schedulerName: 'other' };
    });
    await reconcile();
    expect((await record()).status).toMatchObject({ phase: 'Failed', reason: 'TargetEscaped' });
    expect(podNames()).toEqual(['default/web-1']);
  });

  it('makes one target, also when the answer to its creation was lost', async () => {
    await reconcile();
    await inspect();
    let lost = false;
    api.intercept(({ verb, plural, subresource }) => {
      if (verb === 'patch' && plural === 'migrations' && subresource === 'status' && podNames().length === 2 && !lost) {
        lost = true;
        throw new Error('connection reset');
      }
    });
    await expect(reconcile()).rejects.toThrow('connection reset');
    await reconcile();
    expect(podNames()).toHaveLength(2);
    expect((await record()).status?.target?.podUID).toBeDefined();
  });

  it('that is cancelled in the same moment as it is committed obeys the record', async () => {
    const name = await untilPrepared();
    await agentEnters('Arrived');
    await agentEnters('Moving');
    await api.patch(migrations, key, { spec: { cancel: true } });
    let raced = false;
    api.intercept(({ verb, plural, subresource }) => {
      if (verb !== 'patch' || plural !== 'migrations' || subresource !== 'status' || raced) return;
      raced = true;
      const stored = api.store.of('transship.dev/migrations').get('default/move');
      if (stored)
        api.store.write('transship.dev/migrations', 'default/move', {
          ...stored,
          status: { ...(stored['status'] as object), phase: 'Committed' },
        });
    });
    await reconcile();
    expect(phaseOf(await record())).toBe('Committed');
    ready(name);
    await release();
    await reconcile();
    expect(phaseOf(await record())).toBe('Succeeded');
  });

  it('that is deleted is taken back before it goes', async () => {
    await untilPrepared();
    await api.delete(migrations, key);
    expect((await record()).metadata.deletionTimestamp).toBeDefined();
    await reconcile();
    expect(podNames()).toEqual(['default/web-1']);
    await expect(record()).rejects.toThrow('not found');
    expect((await eventsSaid()).slice(-2)).toEqual(['Migration CancelRequested', 'Pod CancelRequested']);
  });

  it('whose target vanishes after the commit is never called a success', async () => {
    const name = await untilPrepared();
    await agentEnters('Arrived');
    await agentEnters('Moving');
    await agentEnters('Committed');
    await api.delete(pods, { namespace: 'default', name });
    await reconcile();
    expect(podNames()).toEqual([]);
    expect((await record()).status).toMatchObject({
      phase: 'Lost',
      reason: 'TargetLost',
      message: `the target pod ${name} does not exist any more, after the commit; the pod starts anew`,
    });
    const conditions = (await record()).status?.conditions ?? [];
    expect(conditions.map(({ type, status, reason }) => `${type} ${status} ${reason}`)).toEqual([
      'Finished True TargetLost',
      'Movable True SourceInspected',
      'Succeeded False TargetLost',
    ]);
    expect((await record()).metadata.finalizers).toEqual([]);
    expect((await eventsSaid()).filter((said) => said.endsWith(' TargetLost'))).toEqual([
      'Migration TargetLost',
      'Pod TargetLost',
      'Pod TargetLost',
    ]);
    expect(await eventsSaid()).not.toContain('Pod Moved');
  });

  it('whose attempt an agent takes back removes its target, waits, and makes another', async () => {
    const first = await untilPrepared();
    await agentEnters('Arrived');
    await agentEnters('Moving');
    await agentEnds('RestoreFailed');
    expect((await record()).status).toMatchObject({ phase: 'Retrying', attempt: 2 });

    await reconcile();
    expect(phaseOf(await record())).toBe('Retrying');
    expect(podNames()).toEqual(['default/web-1']);
    // The address stays with the source: the next target is to have it.
    expect((await api.get(ipLeases, { name: address.ip })).spec).toMatchObject({ nodeName: 'n1', podUID: sourceUID });

    await clock.advance(1_000);
    await reconcile();
    const anew = await record();
    expect(anew.status).toMatchObject({ phase: 'Inspecting', message: 'attempt 2 of at most 4 begins' });
    expect(anew.status).not.toHaveProperty('target');
    expect(anew.status).not.toHaveProperty('notBefore');

    // Nothing that was seen in the first attempt counts in the second.
    await reconcile();
    expect(phaseOf(await record())).toBe('Inspecting');
    await inspect();
    await reconcile();
    const second = (await record()).status?.target?.podName ?? '';
    expect(second).not.toBe(first);
    expect(podNames()).toEqual(['default/web-1', `default/${second}`]);
    expect(
      (await record()).status?.attempts?.map(({ number, nodeName, reason }) => [number, nodeName, reason]),
    ).toEqual([[1, 'n2', 'RestoreFailed']]);
    expect(await eventsSaid()).toEqual(['Migration Accepted', 'Pod Accepted']);
  });
});

describe('of many moves', () => {
  const names = ['a', 'b', 'c', 'd'];
  beforeEach(() => {
    policy = { ...builtInPolicy, maxOutboundPerNode: 2 };
    api.store.of('transship.dev/migrations').delete('default/move');
    for (const name of names) {
      api.put(pods, podWith({ metadata: { name, uid: `uid-${name}` } }));
      api.put(migrations, { metadata: { name: `move-${name}`, namespace: 'default' }, spec: { podName: name } });
    }
  });

  const phasesNow = async () =>
    Object.fromEntries(
      (await api.list(migrations)).items
        .filter((m) => m.metadata.name !== 'move')
        .map((m) => [m.spec.podName, phaseOf(m)]),
    );

  it('no more begin at once than there is room for, and the next when one ends', async () => {
    await Promise.all(names.map((name) => reconcile(`move-${name}`)));
    expect(Object.values(await phasesNow()).sort()).toEqual(['Inspecting', 'Inspecting', 'Pending', 'Pending']);
    const [waiting] = (await api.list(migrations)).items.filter((m) => m.status?.reason === 'Waiting');
    expect(waiting?.status?.message).toBe('2 moves are under way from node n1, the limit is 2');
    const [first] = (await api.list(migrations)).items.filter((m) => phaseOf(m) === 'Inspecting');
    if (first) await api.patch(migrations, keyOf(first), { spec: { cancel: true } });
    await reconcile(first?.metadata.name);
    await Promise.all(names.map((name) => reconcile(`move-${name}`)));
    expect(Object.values(await phasesNow()).sort()).toEqual(['Cancelled', 'Inspecting', 'Inspecting', 'Pending']);
  });

  it('the one of the highest priority has its room, whichever is looked at first', async () => {
    changesFor['d'] = { priority: 5 };
    for (const name of names) await reconcile(`move-${name}`);
    expect(await phasesNow()).toEqual({ a: 'Inspecting', b: 'Pending', c: 'Pending', d: 'Inspecting' });
    const { status } = await api.get(migrations, { ...key, name: 'move-c' });
    expect(status?.message).toBe(
      'the room from node n1 is for those that go before it, the limit is 2; 2 moves go before it',
    );
  });

  it('only one takes a pod', async () => {
    policy = builtInPolicy;
    api.put(migrations, { metadata: { name: 'move-a-too', namespace: 'default' }, spec: { podName: 'a' } });
    await Promise.all(['move-a', 'move-a-too'].map((name) => reconcile(name)));
    const states = (await api.list(migrations)).items
      .filter((m) => m.spec.podName === 'a')
      .map((m) => m.status?.reason);
    expect(states.sort()).toEqual(['Accepted', 'Waiting']);
  });
});
