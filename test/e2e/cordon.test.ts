import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workers } from '../../lab/cluster.ts';
import { type CounterClient, startCounter } from '../cluster/counter-client.ts';
import { kubectl } from '../cluster/kubectl.ts';
import { finishedMove, type MigrationView, moveIn, overMove } from '../cluster/migrations.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { otherWorkers, whileOnlyOpen } from '../cluster/nodes.ts';
import { changePolicy } from '../cluster/policy.ts';
import { deployRedis, identityOf, type PodView, podsOf, readyPod } from '../cluster/redis.ts';

const namespace = 'e2e-cordon';
const name = 'redis';

let pod: PodView;
let was: Awaited<ReturnType<typeof identityOf>>;
let client: CounterClient;

beforeAll(async () => {
  await freshNamespace(namespace);
  pod = (await deployRedis({ namespace, name, startOn: 'n1' }, otherWorkers('n1'))).pod;
  was = await identityOf(namespace, pod.metadata.name);
  client = await startCounter('n0', { host: pod.status.podIP ?? '', port: 6379 }, 'cordon');
  await changePolicy({ triggers: { cordon: true } });
});

afterAll(async () => {
  await changePolicy({ triggers: { cordon: false } });
  for (const { name: node } of workers) await kubectl('uncordon', node);
  await client.close();
  await removeNamespace(namespace);
});

const expectUnbroken = async (): Promise<void> => {
  const lap = await client.lap();
  expect(lap).toMatchObject({ connected: true, jumps: 0 });
  expect(lap.answers).toBeGreaterThan(0);
  expect(await identityOf(namespace, pod.metadata.name)).toEqual(was);
};

/** Cordons the node of the pod while only one other is open, and waits until the pod is there. */
const cordonUntilMovedTo = async (node: string): Promise<MigrationView> => {
  const from = pod.spec.nodeName ?? '';
  await client.lap();
  const move = await whileOnlyOpen([from, node], async () => {
    await kubectl('cordon', from);
    return finishedMove(namespace, pod.metadata.name);
  });
  expect(move.status).toMatchObject({ phase: 'Succeeded', reason: 'Moved' });
  pod = await readyPod({ namespace, name }, node);
  return move;
};

describe('where the policy says so, a node that is cordoned', () => {
  it('is emptied: the Redis on it goes on elsewhere, on one connection', async () => {
    const { spec } = await cordonUntilMovedTo('n2');
    expect(spec.trigger).toBe('Cordon');
    await expectUnbroken();
  });

  let withdrawn: MigrationView;

  it('keeps its pod when it is opened again before the move has committed', async () => {
    await client.lap();
    // No other node is open, so that the move cannot get further than this.
    withdrawn = await whileOnlyOpen(['n2'], async () => {
      await kubectl('cordon', 'n2');
      const begun = await moveIn('Preparing', namespace, pod.metadata.name);
      await kubectl('uncordon', 'n2');
      return overMove(namespace, begun.metadata.name);
    });
    expect(withdrawn.status).toMatchObject({ phase: 'Cancelled', reason: 'CancelRequested' });
    expect((await podsOf({ namespace, name })).map(({ metadata }) => metadata.uid)).toEqual([pod.metadata.uid]);
    await expectUnbroken();
  });

  it('is emptied when it is cordoned once more', async () => {
    const again = await cordonUntilMovedTo('n1');
    expect(again.metadata.name).toBe(withdrawn.metadata.name);
    expect(again.metadata.uid).not.toBe(withdrawn.metadata.uid);
    await expectUnbroken();
  });
});
