import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workers } from '../../lab/cluster.ts';
import { cordonAnnotation } from '../../src/api/names.ts';
import { type CounterClient, startCounter } from '../cluster/counter-client.ts';
import { kubectl, tryKubectl } from '../cluster/kubectl.ts';
import { finishedMove, type MigrationView, migrationsIn, moveIn, overMove } from '../cluster/migrations.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { drain, otherWorkers, whileOnlyOpen } from '../cluster/nodes.ts';
import { deployRedis, identityOf, type PodView, podsOf, readyPod } from '../cluster/redis.ts';
import { expectUnbroken } from '../cluster/unbroken.ts';

const namespace = 'e2e-cordon';
const name = 'redis';
/** The controller makes a Migration some ten milliseconds after the node has been written. */
const longEnoughMs = 3_000;

let pod: PodView;
let was: Awaited<ReturnType<typeof identityOf>>;
let client: CounterClient;

beforeAll(async () => {
  await freshNamespace(namespace);
  pod = (await deployRedis({ namespace, name, startOn: 'n1' }, otherWorkers('n1'))).pod;
  was = await identityOf(namespace, pod.metadata.name);
  client = await startCounter('n0', { host: pod.status.podIP ?? '', port: 6379 }, 'cordon');
});

afterAll(async () => {
  for (const { name: node } of workers) {
    await kubectl('uncordon', node);
    await kubectl('annotate', 'node', node, `${cordonAnnotation}-`);
  }
  await client.close();
  await removeNamespace(namespace);
});

const movesOfPod = async (): Promise<readonly MigrationView[]> =>
  (await migrationsIn(namespace)).filter(({ spec }) => spec.podName === pod.metadata.name);

/** Cordons the node of the pod while only one other is open, and waits until the pod is there. */
const cordonUntilMovedTo = async (node: string): Promise<MigrationView> => {
  const from = pod.spec.nodeName ?? '';
  await client.lap();
  const move = await whileOnlyOpen([from, node], async () => {
    const { code, stderr } = await tryKubectl('cordon', from);
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(`of node ${from} starts to move: ${namespace}/${pod.metadata.name}`) as string,
    });
    return finishedMove(namespace, pod.metadata.name);
  });
  expect(move.status).toMatchObject({ phase: 'Succeeded', reason: 'Moved' });
  pod = await readyPod({ namespace, name }, node);
  return move;
};

describe('a node that is cordoned', () => {
  it('is emptied: the Redis on it goes on elsewhere, on one connection', async () => {
    const { spec } = await cordonUntilMovedTo('n2');
    expect(spec.trigger).toBe('Cordon');
    await expectUnbroken(client, pod, was);
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
    await expectUnbroken(client, pod, was);
  });

  it('is emptied when it is cordoned once more', async () => {
    const again = await cordonUntilMovedTo('n1');
    expect(again.metadata.name).toBe(withdrawn.metadata.name);
    expect(again.metadata.uid).not.toBe(withdrawn.metadata.uid);
    await expectUnbroken(client, pod, was);
  });

  it('keeps its pods where its annotation says so', async () => {
    await kubectl('annotate', 'node', 'n1', `${cordonAnnotation}=false`);
    const { code, stderr } = await tryKubectl('cordon', 'n1');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await sleep(longEnoughMs);
    await kubectl('uncordon', 'n1');
    await kubectl('annotate', 'node', 'n1', `${cordonAnnotation}-`);
    expect(await movesOfPod()).toEqual([]);
    await expectUnbroken(client, pod, was);
  });

  it('is drained by the very move that cordoning has begun', async () => {
    await client.lap();
    const [begun, said] = await whileOnlyOpen(['n1'], async () => {
      await kubectl('cordon', 'n1');
      const waiting = await moveIn('Preparing', namespace, pod.metadata.name);
      const openOther = async (): Promise<void> => {
        await sleep(longEnoughMs);
        await kubectl('uncordon', 'n3');
      };
      const [transcript] = await Promise.all([drain('n1'), openOther()]);
      return [waiting, transcript] as const;
    });
    expect(said).toContain(`Migration ${namespace}/${begun.metadata.name} (Preparing`);
    const moves = await movesOfPod();
    expect(moves.map(({ metadata, spec }) => [metadata.uid, spec.trigger])).toEqual([[begun.metadata.uid, 'Cordon']]);
    expect(moves[0]?.status?.phase).toBe('Succeeded');
    pod = await readyPod({ namespace, name }, 'n3');
    await expectUnbroken(client, pod, was);
  });
});
