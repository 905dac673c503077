import { afterAll, beforeAll, expect, it } from 'vitest';
import { fromEachToEach, movedTo } from '../cluster/moved.ts';
import { removeNamespace } from '../cluster/namespaces.ts';
import { deployQueuers, queuedOf } from '../cluster/queuers.ts';
import { type PodView } from '../cluster/redis.ts';

const namespace = 'e2e-sysv-objects';
const name = 'queuers';

let pod: PodView;

beforeAll(async () => {
  pod = await deployQueuers({ namespace, name, nodes: ['n1', 'n2', 'n3', 'n4'] });
});

afterAll(() => removeNamespace(namespace));

it.each(fromEachToEach)('a segment, a queue and a semaphore of two containers go along %s', async (_route, to) => {
  const before = await queuedOf(namespace, pod.metadata.name);
  pod = await movedTo(pod, name, to);
  const after = await queuedOf(namespace, pod.metadata.name);
  for (const who of ['sender', 'receiver'] as const) {
    expect(after[who]).toMatchObject({ word: before[who].word, failed: 0 });
    expect(after[who].count).toBeGreaterThan(before[who].count);
  }
});
