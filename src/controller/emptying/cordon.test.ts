import { beforeEach, describe, expect, it } from 'vitest';
import type { Migration } from '../../api/migration.ts';
import { migrationPolicies, migrations, nodes, persistentVolumeClaims, pods } from '../../api/resource.ts';
import { ApiError } from '../../kube/api-error.ts';
import { namespaces } from '../../kube/builtin-resources.ts';
import { migrationWith, podWith, source, sourceUID } from '../../migration/move-fixture.ts';
import { eventsIn } from '../../trace/record.ts';
import { makeCluster, name } from './node-fixture.ts';

let cluster: ReturnType<typeof makeCluster>;

beforeEach(() => {
  cluster = makeCluster();
  cluster.api.put(nodes, { metadata: { name: 'n1' }, spec: { unschedulable: true } });
});

const refusedWith = (verb: string, error: ApiError): void => {
  cluster.api.intercept((request) => {
    if (request.verb === verb && request.plural === 'migrations') throw error;
  });
};

describe('cordoning', () => {
  it('makes the one Migration of each pod that can be moved', async () => {
    cluster.api.put(pods, podWith({ metadata: { name: 'fixed', uid: 'fixed' }, spec: { hostNetwork: true } }));
    cluster.api.put(pods, podWith({ metadata: { name: 'opted-out', uid: 'out', annotations: {} } }));
    cluster.api.put(pods, podWith({ metadata: { name: 'elsewhere', uid: 'elsewhere' }, spec: { nodeName: 'n2' } }));
    cluster.api.put(pods, podWith({ metadata: { name: 'of-the-system', uid: 'system', namespace: 'kube-system' } }));
    await cluster.reconcile();
    expect(cluster.migrationNames()).toEqual([`default/${name}`]);
    expect((await cluster.record()).spec).toMatchObject({
      podName: 'web-1',
      podUID: sourceUID,
      trigger: 'Cordon',
      deadlineSeconds: 900,
    });
  });

  it('heeds the policy of each pod, by its labels and those of its namespace', async () => {
    cluster.api.put(namespaces, { metadata: { name: 'quiet', labels: { quiet: 'true' } } });
    cluster.api.put(pods, podWith({ metadata: { name: 'kept', uid: 'kept', namespace: 'quiet' } }));
    cluster.api.put(pods, podWith({ metadata: { name: 'disputed', uid: 'disputed', labels: { app: 'other' } } }));
    const select = (policyName: string, spec: object) =>
      cluster.api.put(migrationPolicies, { metadata: { name: policyName }, spec });
    select('quiet', { namespaceSelector: { matchLabels: { quiet: 'true' } }, triggers: { cordon: false } });
    for (const policyName of ['a', 'b']) select(policyName, { podSelector: { matchLabels: { app: 'other' } } });
    await cluster.reconcile();
    expect(cluster.migrationNames()).toEqual([`default/${name}`]);
  });

  it('makes none of a pod whose volume stays on the node, nor of one that no other node can take', async () => {
    const podNamed = (of: string, spec: object) =>
      cluster.api.put(pods, podWith({ metadata: { name: of, uid: of }, spec }));
    podNamed('with-a-disk', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'disk' } }] });
    cluster.api.put(persistentVolumeClaims, {
      metadata: { name: 'disk', namespace: 'default' },
      spec: { accessModes: ['ReadWriteOnce'] },
    });
    podNamed('with-an-image', { containers: [{ name: 'web', image: 'only-here:1', imagePullPolicy: 'Never' }] });
    cluster.api.put(nodes, { metadata: { name: 'n2' }, status: { images: [{ names: ['web:1'] }] } });
    await cluster.reconcile();
    expect(cluster.migrationNames()).toEqual([`default/${name}`]);
  });

  it('does so once, also when an eviction was faster than the cache', async () => {
    await cluster.reconcile('n1', () => {
      cluster.api.put(migrations, migrationWith(undefined, { podUID: sourceUID, trigger: 'Eviction' }, { name }));
    });
    expect((await cluster.record()).spec.trigger).toBe('Eviction');
  });

  it('replaces one that was taken back, when its last traces are gone', async () => {
    const annotations = { 'transship.dev/withdrawn': 'true' };
    const status = { phase: 'Cancelled', source } as const;
    cluster.api.put(migrations, migrationWith(status, { trigger: 'Cordon', cancel: true }, { name, annotations }));
    // Its finalizer keeps it; there cannot be two of one name.
    expect(await cluster.reconcile()).toEqual({ afterMs: 1_000 });
    await cluster.api.patch(migrations, { namespace: 'default', name }, { metadata: { finalizers: null } });
    await cluster.reconcile();
    const { spec, metadata } = await cluster.record();
    expect(spec.cancel).toBeUndefined();
    expect(metadata.annotations).not.toHaveProperty(['transship.dev/withdrawn']);
  });

  it('lets a namespace go that is being deleted', async () => {
    refusedWith('create', new ApiError({ code: 403, reason: 'Forbidden', message: 'it is being terminated' }));
    await expect(cluster.reconcile()).resolves.toBeUndefined();
  });

  it('evicts nothing, and says nothing on the node', async () => {
    cluster.api.put(pods, podWith({ metadata: { name: 'fixed', uid: 'fixed' }, spec: { hostNetwork: true } }));
    await cluster.reconcile();
    await cluster.clock.advance(3_600_000);
    await cluster.reconcile();
    expect(
      cluster.api.requests.filter(({ verb, plural }) => verb === 'evict' || (verb === 'patch' && plural === 'nodes')),
    ).toEqual([]);
  });

  it('begins the trace of each', async () => {
    await cluster.reconcile();
    expect(eventsIn(await cluster.record())).toMatchObject([
      { label: 'asks for the move, for node n1 is to be emptied', clock: { 'controller@00000001': 1 } },
    ]);
  });

  it('is tried again when the API server is in trouble', async () => {
    refusedWith('create', new ApiError({ code: 500, reason: '', message: 'etcd is away' }));
    await expect(cluster.reconcile()).rejects.toThrow('etcd is away');
  });
});

describe('uncordoning', () => {
  beforeEach(() => {
    cluster.api.put(nodes, { metadata: { name: 'n1' }, spec: {} });
  });

  const byCordon = (status?: Parameters<typeof migrationWith>[0]): Migration =>
    cluster.api.put(migrations, migrationWith(status, { podUID: sourceUID, trigger: 'Cordon' }, { name }));

  it('takes back what has begun', async () => {
    byCordon({ phase: 'Preparing', source });
    await cluster.reconcile();
    expect(await cluster.record()).toMatchObject({
      metadata: { annotations: { 'transship.dev/withdrawn': 'true' } },
      spec: { cancel: true },
    });
  });

  it('says so in the trace', async () => {
    byCordon({ phase: 'Preparing', source, trace: { 'agent-n1@00000002': 4 } });
    await cluster.reconcile();
    expect(eventsIn(await cluster.record())).toMatchObject([
      {
        label: 'takes the move back, for node n1 is in use again',
        clock: { 'controller@00000001': 1, 'agent-n1@00000002': 4 },
      },
    ]);
  });

  it('takes back what nobody has looked at yet, by the node of its pod', async () => {
    byCordon();
    await cluster.reconcile();
    expect((await cluster.record()).spec.cancel).toBe(true);
  });

  it('of this node only', async () => {
    byCordon({ phase: 'Preparing', source: { ...source, nodeName: 'n2' } });
    await cluster.reconcile();
    expect((await cluster.record()).spec.cancel).toBeUndefined();
  });

  it('is content when the move has committed meanwhile', async () => {
    byCordon({ phase: 'Moving', source });
    refusedWith('patch', new ApiError({ code: 422, reason: 'Invalid', message: 'the move has committed' }));
    await expect(cluster.reconcile()).resolves.toBeUndefined();
  });
});

it('a node that does not exist any more is left alone', async () => {
  await expect(cluster.reconcile('n9')).resolves.toBeUndefined();
});
