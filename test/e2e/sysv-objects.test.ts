import { afterAll, beforeAll, expect, it } from 'vitest';
import { overMove, requestMove } from '../cluster/migrations.ts';
import { removeNamespace } from '../cluster/namespaces.ts';
import { deployQueuers, queuedOf } from '../cluster/queuers.ts';
import { type PodView, readyPod } from '../cluster/redis.ts';

const namespace = 'e2e-sysv-objects';
const name = 'queuers';

let pod: PodView;

beforeAll(async () => {
  pod = await deployQueuers({ namespace, name, nodes: ['n1', 'n2', 'n3', 'n4'] });
});

afterAll(() => removeNamespace(namespace));

it.each([
  ['from containerd to containerd', 'n2'],
  ['from containerd to Docker', 'n3'],
  ['from Docker to Docker', 'n4'],
  ['from Docker to containerd', 'n1'],
])('a segment, a queue and a semaphore of two containers go along %s', async (_route, to) => {
  const before = await queuedOf(namespace, pod.metadata.name);
  await requestMove(namespace, `to-${to}`, { podName: pod.metadata.name, targetNodeName: to });
  expect((await overMove(namespace, `to-${to}`)).status).toMatchObject({ phase: 'Succeeded' });
  pod = await readyPod({ namespace, name }, to);
  const after = await queuedOf(namespace, pod.metadata.name);
  for (const who of ['sender', 'receiver'] as const) {
    expect(after[who]).toMatchObject({ word: before[who].word, failed: 0 });
    expect(after[who].count).toBeGreaterThan(before[who].count);
  }
});
