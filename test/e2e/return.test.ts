import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CounterClient, startCounter } from '../cluster/counter-client.ts';
import { expectSuccess, finishedMove, requestMove } from '../cluster/migrations.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { startingOn } from '../cluster/nodes.ts';
import { deployRedis, type PodView, readyPod } from '../cluster/redis.ts';

const namespace = 'e2e-return';
const name = 'redis';
/** A kubelet needs a few seconds until it has taken down what is left of a pod that has moved away. */
const teardownMs = 6_000;

let pod: PodView;
let client: CounterClient;

beforeAll(async () => {
  await freshNamespace(namespace);
  pod = (await deployRedis({ namespace, name, startOn: 'n1', spec: { affinity: startingOn('n1', 'n3') } }, [])).pod;
  client = await startCounter('n0', { host: pod.status.podIP ?? '', port: 6379 }, 'there-and-back');
});

afterAll(async () => {
  await client.close();
  await removeNamespace(namespace);
});

const moveTo = async (node: string): Promise<void> => {
  const podName = pod.metadata.name;
  await requestMove(namespace, `to-${node}`, { podName, targetNodeName: node });
  expectSuccess(await finishedMove(namespace, podName));
  pod = await readyPod({ namespace, name }, node);
};

describe('a pod that returns at once to the node that it has just left', () => {
  it('keeps its address there when the kubelet takes down what it had left behind', async () => {
    await moveTo('n3');
    await moveTo('n1');
    await sleep(teardownMs);
    await client.lap();
    await sleep(500);
    const lap = await client.lap();
    expect(lap).toMatchObject({ connected: true, jumps: 0 });
    expect(lap.answers).toBeGreaterThan(0);
    expect(lap.longestGapMs).toBeLessThan(500);
  });
});
