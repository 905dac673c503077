import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../lab/wait.ts';
import { type CounterClient, startCounter } from '../cluster/counter-client.ts';
import { apply, getJson, kubectl } from '../cluster/kubectl.ts';
import { expectSuccess, finishedMove } from '../cluster/migrations.ts';
import { removeNamespace } from '../cluster/namespaces.ts';
import { drainOf, startingOn } from '../cluster/nodes.ts';
import { image, podsOf, type PodView, readyPod } from '../cluster/redis.ts';
import { createdPods } from '../cluster/events.ts';

const namespace = 'e2e-owners';

/** A Redis that starts on one node and may go on to another. */
const template = (name: string, from: string, to: string, more: object = {}): object => ({
  metadata: { labels: { app: name }, annotations: { 'transship.dev/migrate': 'true' } },
  spec: {
    terminationGracePeriodSeconds: 1,
    affinity: startingOn(from, to),
    containers: [
      {
        name: 'redis',
        image,
        imagePullPolicy: 'IfNotPresent',
        readinessProbe: { tcpSocket: { port: 6379 }, periodSeconds: 1 },
      },
    ],
    ...more,
  },
});

beforeAll(() => apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }));

afterAll(() => removeNamespace(namespace));

/** Drains the pod away and looks at what its client saw. */
const moveOf = async (name: string, from: string, to: string): Promise<{ before: PodView; after: PodView }> => {
  const before = await readyPod({ namespace, name }, from);
  let client: CounterClient | undefined;
  try {
    client = await startCounter('n0', { host: before.status.podIP ?? '', port: 6379 }, 'any');
    const { code } = await drainOf(name, from);
    expect(code).toBe(0);
    expectSuccess(await finishedMove(namespace, before.metadata.name));
    const after = await readyPod({ namespace, name }, to);
    const lap = await client.lap();
    expect(lap).toMatchObject({ connected: true, jumps: 0 });
    expect(lap.answers).toBeGreaterThan(0);
    return { before, after };
  } finally {
    await client?.close();
  }
};

interface JobView {
  readonly status?: { readonly active?: number; readonly failed?: number; readonly succeeded?: number };
}

const jobNamed = (name: string): Promise<JobView> => getJson<JobView>('job', name, '-n', namespace);

/** The Job's controller counts once a second (syncJobBatchPeriod). */
const counted = (name: string, status: NonNullable<JobView['status']>): Promise<JobView> =>
  until({ what: `Job ${name} to count ${JSON.stringify(status)}`, timeoutMs: 15_000 }, async () => {
    const job = await jobNamed(name);
    const is = { active: 0, failed: 0, succeeded: 0, ...job.status };
    return Object.entries(status).every(([field, value]) => is[field as keyof typeof is] === value) ? job : undefined;
  });

describe('a pod of a Job is moved as any other, and', () => {
  it('counts neither as failed nor twice, and its Job starts no other', async () => {
    await apply({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'sum', namespace },
      spec: { backoffLimit: 0, template: template('sum', 'n1', 'n3', { restartPolicy: 'Never' }) },
    });
    const { after } = await moveOf('sum', 'n1', 'n3');
    expect(after.metadata.ownerReferences).toEqual([expect.objectContaining({ kind: 'Job' })]);
    await counted('sum', { active: 1, failed: 0, succeeded: 0 });
    expect(await createdPods(namespace, 'Job', 'sum')).toBe(1);
  });

  it('keeps its index, and ends its Job when it ends', async () => {
    const ending = {
      command: [
        'sh',
        '-c',
        'redis-server --protected-mode no & while ! redis-cli get done | grep -q yes; do sleep 0.2; done',
      ],
    };
    const indexed = template('indexed', 'n3', 'n1', { restartPolicy: 'OnFailure' }) as {
      spec: { containers: object[] };
    };
    indexed.spec.containers = indexed.spec.containers.map((container) => ({ ...container, ...ending }));
    await apply({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'indexed', namespace },
      spec: { backoffLimit: 0, completionMode: 'Indexed', completions: 1, template: indexed },
    });
    const { after } = await moveOf('indexed', 'n3', 'n1');
    expect(after.metadata.annotations?.['batch.kubernetes.io/job-completion-index']).toBe('0');
    await counted('indexed', { active: 1, failed: 0, succeeded: 0 });
    await kubectl('exec', '-n', namespace, after.metadata.name, '--', 'redis-cli', 'set', 'done', 'yes');
    await counted('indexed', { active: 0, failed: 0, succeeded: 1 });
    expect(await createdPods(namespace, 'Job', 'indexed')).toBe(1);
  });
});

describe('a pod of a ReplicationController', () => {
  it('is moved, and its controller starts no other', async () => {
    await apply({
      apiVersion: 'v1',
      kind: 'ReplicationController',
      metadata: { name: 'old', namespace },
      spec: { replicas: 1, selector: { app: 'old' }, template: template('old', 'n1', 'n2') },
    });
    const { after } = await moveOf('old', 'n1', 'n2');
    expect(after.metadata.ownerReferences).toEqual([expect.objectContaining({ kind: 'ReplicationController' })]);
    expect(await podsOf({ namespace, name: 'old' })).toHaveLength(1);
    expect(await createdPods(namespace, 'ReplicationController', 'old')).toBe(1);
  });
});
