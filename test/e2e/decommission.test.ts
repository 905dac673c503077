import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDaemon, stopDaemon } from '../../lab/node/daemons.ts';
import { until } from '../../lab/wait.ts';
import { type CounterClient, startCounter } from '../cluster/counter-client.ts';
import { decommission, progressOf, recommission } from '../cluster/decommission.ts';
import { apply, kubectl } from '../cluster/kubectl.ts';
import { expectSuccess, finishedMove, migrationNamed, moveIn, overMove, requestMove } from '../cluster/migrations.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { startingOn, whileOnlyOpen } from '../cluster/nodes.ts';
import { deployRedis, identityOf, image, type PodView, podsOf, readyPod } from '../cluster/redis.ts';
import { expectUnbroken } from '../cluster/unbroken.ts';

const namespace = 'e2e-decommission';
/** Opted in, with a client. */
const traveller = { namespace, name: 'traveller' };
/** Did not opt in, and has a budget that lets nobody evict its one pod. */
const guarded = { namespace, name: 'guarded' };
const daemon = { namespace, name: 'daemon' };

const budget = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: guarded,
  spec: { minAvailable: 1, selector: { matchLabels: { app: guarded.name } } },
};

const daemonSet = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: daemon,
  spec: {
    selector: { matchLabels: { app: daemon.name } },
    template: {
      metadata: { labels: { app: daemon.name } },
      spec: {
        nodeSelector: { 'kubernetes.io/hostname': 'n2' },
        containers: [{ name: 'sleep', image, imagePullPolicy: 'IfNotPresent', command: ['sleep', 'infinity'] }],
      },
    },
  },
};

let pod: PodView;
let was: Awaited<ReturnType<typeof identityOf>>;
let client: CounterClient;
let stays: readonly string[];

const uidsOf = async (of: { readonly namespace: string; readonly name: string }): Promise<readonly string[]> =>
  (await podsOf(of)).map(({ metadata }) => metadata.uid);

beforeAll(async () => {
  await freshNamespace(namespace);
  const spec = { affinity: startingOn('n2', 'n1', 'n3', 'n4') };
  pod = (await deployRedis({ ...traveller, startOn: 'n2', spec }, [])).pod;
  await deployRedis({ ...guarded, startOn: 'n2', optIn: false, spec: { affinity: startingOn('n2', 'n4') } }, []);
  await apply(budget, daemonSet);
  await kubectl('rollout', 'status', '-n', namespace, 'daemonset/daemon', '--timeout=60s');
  stays = await uidsOf(daemon);
  was = await identityOf(namespace, pod.metadata.name);
  client = await startCounter('n0', { host: pod.status.podIP ?? '', port: 6379 }, 'decommission');
});

afterAll(async () => {
  for (const node of ['n2', 'n3']) await recommission(node);
  await client.close();
  await removeNamespace(namespace);
});

const progress = (node: string) => expect.poll(() => progressOf(node), { timeout: 60_000, interval: 200 });

describe('a node that is decommissioned', () => {
  it('takes everything back when its taint goes before a move has committed', async () => {
    const before = await uidsOf(guarded);
    // No other node is open, so that the move cannot get further than this.
    const withdrawn = await whileOnlyOpen(['n2'], async () => {
      const { stderr } = await decommission('n2');
      expect(stderr).toContain(`of node n2 starts to move: ${namespace}/${pod.metadata.name}`);
      const begun = await moveIn('Preparing', namespace, pod.metadata.name);
      expect(begun.spec.trigger).toBe('Decommission');
      await progress('n2').toContain('False Emptying: ');
      expect(await recommission('n2')).toMatchObject({ code: 0 });
      return overMove(namespace, begun.metadata.name);
    });
    expect(withdrawn.status).toMatchObject({ phase: 'Cancelled', reason: 'CancelRequested' });
    await progress('n2').toBe('');
    expect(await uidsOf(traveller)).toEqual([pod.metadata.uid]);
    expect(await uidsOf(guarded)).toEqual(before);
    await expectUnbroken(client, pod, was);
  });

  it('moves the pod that opted in, on one connection, and says what holds up the rest', async () => {
    await client.lap();
    await whileOnlyOpen(['n2', 'n1'], async () => {
      expect(await decommission('n2')).toMatchObject({ code: 0 });
      expectSuccess(await finishedMove(namespace, pod.metadata.name));
      pod = await readyPod(traveller, 'n1');
    });
    await expectUnbroken(client, pod, was);
    await progress('n2').toContain(`1 cannot be evicted yet: ${namespace}/${guarded.name}-`);
    expect(await progressOf('n2')).toContain('The disruption budget guarded');
  });

  it('is empty as soon as the budget allows it; what belongs to the node stays', async () => {
    await kubectl('scale', '-n', namespace, 'deployment/guarded', '--replicas=2');
    await kubectl('wait', '--for=condition=Decommissioned', 'node/n2', '--timeout=90s');
    expect(await progressOf('n2')).toContain('True Empty: ');
    expect((await podsOf(guarded)).filter(({ spec }) => spec.nodeName === 'n2')).toEqual([]);
    expect(await uidsOf(daemon)).toEqual(stays);
  });

  it('is as if nothing had been when its taint goes', async () => {
    expect(await recommission('n2')).toMatchObject({ code: 0 });
    await progress('n2').toBe('');
    await expectUnbroken(client, pod, was);
  });

  it('sends pods elsewhere that are on their way to it', async () => {
    await client.lap();
    const from = pod.spec.nodeName ?? '';
    // Without a kubelet the target is bound to n3, and gets no further.
    await stopDaemon('n3', 'kubelet');
    try {
      await whileOnlyOpen([from, 'n3'], async () => {
        await requestMove(namespace, 'elsewhere', { podName: pod.metadata.name });
        await until({ what: 'the target to be bound to n3', timeoutMs: 20_000, everyMs: 100 }, async () =>
          (await migrationNamed(namespace, 'elsewhere')).status?.target?.nodeName === 'n3' ? true : undefined,
        );
        await kubectl('uncordon', 'n4');
        expect(await decommission('n3')).toMatchObject({ code: 0 });
        const { status } = await overMove(namespace, 'elsewhere');
        expect(status).toMatchObject({ phase: 'Succeeded', target: { nodeName: 'n4' } });
        expect(status?.attempts).toMatchObject([{ nodeName: 'n3', reason: 'TargetNodeDecommissioned' }]);
      });
    } finally {
      await startDaemon('n3', 'kubelet');
      await recommission('n3');
    }
    pod = await readyPod(traveller, 'n4');
    await expectUnbroken(client, pod, was);
  });
});
