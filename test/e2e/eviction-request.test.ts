import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evictionResponder } from '../../src/api/names.ts';
import { type CounterClient, startCounter } from '../cluster/counter-client.ts';
import { completedResponse, requestEviction, responseTo, withdrawEviction } from '../cluster/eviction-controller.ts';
import { getJson } from '../cluster/kubectl.ts';
import { finishedMove, migrationsIn, moveIn, overMove } from '../cluster/migrations.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { otherWorkers, whileOnlyOpen } from '../cluster/nodes.ts';
import { deployRedis, identityOf, type PodView, podsOf, readyPod } from '../cluster/redis.ts';
import { expectUnbroken } from '../cluster/unbroken.ts';

const namespace = 'e2e-eviction-request';
const name = 'redis';

let pod: PodView;
let was: Awaited<ReturnType<typeof identityOf>>;
let client: CounterClient;

beforeAll(async () => {
  await freshNamespace(namespace);
  pod = (await deployRedis({ namespace, name, startOn: 'n1' }, otherWorkers('n1'))).pod;
  was = await identityOf(namespace, pod.metadata.name);
  client = await startCounter('n0', { host: pod.status.podIP ?? '', port: 6379 }, 'eviction-request');
});

afterAll(async () => {
  await client.close();
  await removeNamespace(namespace);
});

const respondersOf = async (podName: string): Promise<unknown> =>
  (await getJson<{ spec: { evictionResponders?: unknown } }>('pod', podName, '-n', namespace)).spec.evictionResponders;

const ours = [{ name: evictionResponder, priority: 20_000 }];

describe('a pod that opted in', () => {
  it('names Transship as a responder', async () => {
    expect(await respondersOf(pod.metadata.name)).toEqual(ours);
  });

  it('is moved when its eviction is requested, on one connection, and Transship says so', async () => {
    await client.lap();
    const eviction = await whileOnlyOpen(['n1', 'n2'], async () => {
      const requested = await requestEviction(pod);
      const move = await finishedMove(namespace, pod.metadata.name);
      expect(move.spec.trigger).toBe('EvictionRequest');
      expect(move.status).toMatchObject({ phase: 'Succeeded', reason: 'Moved' });
      return requested;
    });
    const response = await completedResponse(eviction);
    expect(response.heartbeatTime).toBeDefined();
    expect(response.expectedCompletionTime).toBeDefined();
    expect(response.message).toMatch(
      /^Pod e2e-eviction-request\/redis-\S+ was moved by Migration \S+ and runs on as pod \S+ on node n2$/,
    );
    pod = await readyPod({ namespace, name }, 'n2');
    await expectUnbroken(client, pod, was);
  });

  it('names it also after its move', async () => {
    expect(await respondersOf(pod.metadata.name)).toEqual(ours);
  });

  it('stays when the request is withdrawn before its move has committed', async () => {
    await client.lap();
    // No other node is open, so that the move cannot get further than this.
    const withdrawn = await whileOnlyOpen(['n2'], async () => {
      const eviction = await requestEviction(pod);
      const begun = await moveIn('Preparing', namespace, pod.metadata.name);
      expect(await responseTo(eviction)).toMatchObject({
        message: `Migration ${namespace}/${begun.metadata.name} is Pending`,
      });
      await withdrawEviction(eviction);
      return overMove(namespace, begun.metadata.name);
    });
    expect(withdrawn.status).toMatchObject({ phase: 'Cancelled', reason: 'CancelRequested' });
    expect((await podsOf({ namespace, name })).map(({ metadata }) => metadata.uid)).toEqual([pod.metadata.uid]);
    await expectUnbroken(client, pod, was);
  });
});

describe('a pod that cannot be moved', () => {
  it('is left to the next responder, with the reason', async () => {
    const spec = { shareProcessNamespace: true };
    const fixed = (await deployRedis({ namespace, name: 'fixed', startOn: 'n1', spec }, otherWorkers('n1'))).pod;
    const { message, completionTime } = await completedResponse(await requestEviction(fixed));
    expect(completionTime).toBeDefined();
    expect(message).toContain('is not moved, so the next responder may act: SharedProcessNamespace: ');
    expect((await migrationsIn(namespace)).filter((move) => move.spec.podName === fixed.metadata.name)).toEqual([]);
  });
});
