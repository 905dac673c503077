import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workers } from '../../lab/cluster.ts';
import { kubectl } from '../cluster/kubectl.ts';
import { expectSuccess, finishedMove, requestMove } from '../cluster/migrations.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { frozenCgroups, nftTablesOf, routesFor } from '../cluster/node-kernel.ts';
import { newOn, type NodeState, stateOf } from '../cluster/node-state.ts';
import { startingOn } from '../cluster/nodes.ts';
import { deployRedis, type PodView, readyPod } from '../cluster/redis.ts';

const namespace = 'e2e-leftovers';
const name = 'redis';
/** Every agent sweeps three times a minute, and the controller gives an address back when nobody has claimed it for 30 s. */
const sweepMs = 90_000;

let pod: PodView;
const before = new Map<string, NodeState>();

const moveTo = async (node: string): Promise<void> => {
  const podName = pod.metadata.name;
  await requestMove(namespace, `to-${node}`, { podName, targetNodeName: node });
  expectSuccess(await finishedMove(namespace, podName));
  pod = await readyPod({ namespace, name }, node);
};

const newEverywhere = async (): Promise<readonly string[]> => {
  const found = workers.map(async ({ name: node }) =>
    (await newOn(node, before.get(node)!)).map((entry) => `${node}: ${entry}`),
  );
  return (await Promise.all(found)).flat();
};

beforeAll(async () => {
  await freshNamespace(namespace);
  for (const { name: node } of workers) before.set(node, await stateOf(node));
  pod = (await deployRedis({ namespace, name, startOn: 'n1', spec: { affinity: startingOn('n1', 'n3', 'n2') } }, []))
    .pod;
  await moveTo('n3');
  await moveTo('n2');
});

afterAll(() => removeNamespace(namespace));

describe('after a move to the other runtime and one from there', () => {
  it('no process stands still and no packet is locked out', async () => {
    // The kubelet takes its time to end the source, which never runs again.
    await expect.poll(frozenCgroups, { timeout: 30_000, interval: 500 }).toEqual([]);
    expect(await nftTablesOf('n2', pod.metadata.uid)).not.toMatch(/CRIU/);
  });

  it('and after the end of the pod the nodes hold nothing of it', async () => {
    await kubectl('delete', 'namespace', namespace, '--timeout=60s');
    await expect.poll(newEverywhere, { timeout: sweepMs, interval: 1_000 }).toEqual([]);
    for (const { name: node } of workers)
      await expect.poll(() => routesFor(node, pod.status.podIP ?? ''), { timeout: sweepMs }).toBe('');
  });
});
