import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runInNode } from '../../lab/node-exec.ts';
import { until } from '../../lab/wait.ts';
import { apiVersion } from '../../src/api/group.ts';
import { type CounterClient, startCounter } from '../cluster/counter-client.ts';
import { createdPods } from '../cluster/events.ts';
import { apply, getJson, kubectl, tryKubectl } from '../cluster/kubectl.ts';
import { killAgent } from '../cluster/killed-agent.ts';
import { expectSuccess, finishedMove, overMove, requestMove } from '../cluster/migrations.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { startingOn } from '../cluster/nodes.ts';
import { identityOf, image, type PodView, podsOf, readyPod } from '../cluster/redis.ts';
import { expectUnbroken } from '../cluster/unbroken.ts';
import { withoutPodWebhook } from '../cluster/webhook-away.ts';

const namespace = 'e2e-namesakes';

const optIn = { 'transship.dev/migrate': 'true' };

/** Only one node has it, and there is no registry: no other node can start it. */
const lonelyImage = 'docker.io/local/lonely:1';

const redisOn = (nodes: readonly [string, ...string[]], of = image): object => ({
  terminationGracePeriodSeconds: 1,
  affinity: startingOn(...nodes),
  containers: [
    {
      name: 'redis',
      image: of,
      imagePullPolicy: 'IfNotPresent',
      readinessProbe: { tcpSocket: { port: 6379 }, periodSeconds: 1 },
    },
  ],
});

const barePod = (name: string, spec: object, annotations: object = optIn): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels: { app: name }, annotations },
  spec,
});

const statefulSet = (name: string, ...nodes: [string, ...string[]]): object => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name, namespace },
  spec: {
    replicas: 1,
    serviceName: name,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name }, annotations: optIn }, spec: redisOn(nodes) },
  },
});

interface Living {
  readonly pod: PodView;
  readonly was: Awaited<ReturnType<typeof identityOf>>;
  readonly client: CounterClient;
}

const clients: CounterClient[] = [];

const living = async (name: string, node: string): Promise<Living> => {
  const pod = await readyPod({ namespace, name }, node);
  const client = await startCounter('n0', { host: pod.status.podIP ?? '', port: 6379 }, `client-${clients.length}`);
  clients.push(client);
  return { pod, client, was: await identityOf(namespace, pod.metadata.name) };
};

/** Without our RuntimeClass, which a pod can get only when it is made. */
const optedInLater = async (name: string, node: string): Promise<Living> => {
  await readyPod({ namespace, name }, node);
  await kubectl('annotate', 'pod', name, '-n', namespace, 'transship.dev/migrate=true');
  const found = await living(name, node);
  expect(found.pod.spec).not.toHaveProperty('runtimeClassName');
  return found;
};

/** As an administrator does who knows that nobody would make a bare pod again. */
const drainAway = async (app: string, node: string): Promise<void> => {
  try {
    const flags = ['--ignore-daemonsets', '--delete-emptydir-data', '--force', '--timeout=60s'];
    const { code, stdout, stderr } = await tryKubectl('drain', node, `--pod-selector=app=${app}`, ...flags);
    expect({ code, said: code === 0 ? '' : `${stdout}${stderr}` }).toEqual({ code: 0, said: '' });
  } finally {
    await kubectl('uncordon', node);
  }
};

beforeAll(() => freshNamespace(namespace));

afterAll(async () => {
  for (const client of clients) await client.close();
  await removeNamespace(namespace);
  await tryKubectl('delete', 'migrationpolicy', 'doomed', 'doomed-later');
  await runInNode('n1', ['ctr', '-n', 'k8s.io', 'images', 'rm', lonelyImage]);
});

/** Drains it from one node to the other; name, address, process and connection stay. */
const movedBetween = async (app: string, { pod, was, client }: Living, from: string, to: string): Promise<PodView> => {
  await client.lap();
  await drainAway(app, from);
  const { name, uid } = pod.metadata;
  expectSuccess(await finishedMove(namespace, name, uid));
  const after = await readyPod({ namespace, name: app }, to);
  expect(after.metadata.name).toBe(name);
  expect(after.metadata.uid).not.toBe(uid);
  expect(after.status.podIP).toBe(pod.status.podIP);
  await expectUnbroken(client, after, was);
  return after;
};

describe('a pod without an owner goes on under its name', () => {
  it.each([
    ['containerd', 'Docker', 'n1', 'n3'],
    ['Docker', 'containerd', 'n4', 'n2'],
  ])('from %s to %s', async (_of, _to, from, to) => {
    const name = `bare-${from}`;
    await apply(barePod(name, redisOn([from, to])));
    const after = await movedBetween(name, await living(name, from), from, to);
    expect(after.metadata.ownerReferences).toBeUndefined();
  });
});

describe('a pod that was started without our RuntimeClass goes on under its name', () => {
  it.each([
    ['containerd', 'Docker', 'n2', 'n4'],
    ['Docker', 'containerd', 'n3', 'n1'],
  ])('from %s to %s, when it has opted in, and once more', async (_of, _to, from, to) => {
    const name = `later-${from}`;
    await apply(barePod(name, redisOn([from, to]), {}));
    const after = await movedBetween(name, await optedInLater(name, from), from, to);
    expect(after.spec).toHaveProperty('runtimeClassName', 'transship');
    await movedBetween(name, await living(name, to), to, from);
  });

  it('that a StatefulSet made while the webhook was away', async () => {
    const name = 'set-unprepared';
    const before = await withoutPodWebhook(namespace, async () => {
      await apply(statefulSet(name, 'n1', 'n4'));
      return living(name, 'n1');
    });
    expect(before.pod.spec).not.toHaveProperty('runtimeClassName');
    const after = await movedBetween(name, before, 'n1', 'n4');
    expect(after.spec).toHaveProperty('runtimeClassName', 'transship');
  });

  it.each(['n1', 'n4'])('and can be deleted on %s when a move of it has been taken back', async (node) => {
    const name = `stays-${node}`;
    const hooks = { preMigration: { httpPost: { port: 9 }, timeoutSeconds: 2 } }; // nobody listens there
    await apply(barePod(name, redisOn([node, 'n2']), { 'transship.dev/hooks': JSON.stringify(hooks) }));
    const { client, was } = await optedInLater(name, node);
    await requestMove(namespace, name, { podName: name });
    const { status } = await overMove(namespace, name);
    expect(status).toMatchObject({ phase: 'Failed', reason: 'HookVetoed' });
    await expectUnbroken(client, await readyPod({ namespace, name }, node), was);
    await kubectl('delete', 'pod', name, '-n', namespace, '--timeout=20s');
  });
});

describe('a pod of a StatefulSet goes on under its name', () => {
  it.each([
    ['Docker', 'Docker', 'n3', 'n4'],
    ['containerd', 'containerd', 'n2', 'n1'],
  ])('from %s to %s, and is started once by its StatefulSet and made once more', async (_of, _to, from, to) => {
    const name = `set-${from}`;
    await apply(statefulSet(name, from, to));
    const after = await movedBetween(name, await living(name, from), from, to);
    expect(after.metadata.ownerReferences).toEqual([expect.objectContaining({ kind: 'StatefulSet', name })]);
    expect(await podsOf({ namespace, name })).toHaveLength(1);
    expect(await createdPods(namespace, 'StatefulSet', name)).toBe(2);
  });

  it('and back, and there once more, by drains with no time in between', async () => {
    const name = 'set-n3';
    for (const [from, to] of [
      ['n4', 'n3'],
      ['n3', 'n4'],
    ] as const)
      await movedBetween(name, await living(name, from), from, to);
  });

  it('but not while it is rolled out', async () => {
    const name = 'set-n2';
    const onDelete = { updateStrategy: { type: 'OnDelete', rollingUpdate: null } };
    await kubectl('patch', 'statefulset', name, '-n', namespace, '-p', JSON.stringify({ spec: onDelete }));
    await kubectl('set', 'env', `statefulset/${name}`, '-n', namespace, 'NEXT=yes');
    const before = await living(name, 'n1');
    await requestMove(namespace, 'rolled-out', { podName: `${name}-0` });
    const { status } = await overMove(namespace, 'rolled-out');
    expect(status).toMatchObject({ phase: 'Failed', reason: 'StatefulSetChanging' });
    const after = await readyPod({ namespace, name }, 'n1');
    expect(after.metadata.uid).toBe(before.pod.metadata.uid);
    await expectUnbroken(before.client, after, before.was);
  });
});

interface Removal {
  readonly status?: { readonly removal?: { readonly time: string } };
}

/** Asks for the move, and does something as soon as the object of the source is to go. */
const requestedAndRemoved = async (podName: string, move: string): Promise<void> => {
  await requestMove(namespace, move, { podName });
  await until({ what: `the removal of ${podName}`, timeoutMs: 20_000, everyMs: 20 }, async () => {
    const { status } = await getJson<Removal>('migration.transship.dev', move, '-n', namespace);
    return status?.removal ?? undefined;
  });
};

describe('a move whose source has given up its name', () => {
  it('is not taken back any more: that would end the pod', async () => {
    const name = 'firm';
    await apply(barePod(name, redisOn(['n2', 'n3'])));
    const before = await living(name, 'n2');
    await requestedAndRemoved(name, 'firm');
    const { code, stderr } = await tryKubectl(
      ...['patch', 'migration', 'firm', '-n', namespace, '--type=merge', '-p', '{"spec":{"cancel":true}}'],
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/to take the move back would end the pod|the move has committed/);
    expectSuccess(await overMove(namespace, 'firm'));
    const after = await readyPod({ namespace, name }, 'n3');
    await expectUnbroken(before.client, after, before.was);
  });

  it.each([
    ['kept', 'n2', optIn, living],
    ['kept-later', 'n4', {}, optedInLater],
  ])(
    'keeps its signals away though its agent is killed, and is moved by the next: %s',
    async (name, node, annotations, found) => {
      await apply(barePod(name, redisOn([node, 'n3']), annotations));
      const before = await found(name, node);
      await requestedAndRemoved(name, name);
      await killAgent(node);
      expectSuccess(await overMove(namespace, name));
      await expectUnbroken(before.client, await readyPod({ namespace, name }, 'n3'), before.was);
    },
  );

  it.each([
    ['doomed', optIn, living],
    ['doomed-later', {}, optedInLater],
  ])('ends the source when it fails, says so, and makes the pod anew: %s', async (name, annotations, found) => {
    await runInNode('n1', ['ctr', '-n', 'k8s.io', 'images', 'tag', '--force', image, lonelyImage]);
    await apply(
      {
        apiVersion,
        kind: 'MigrationPolicy',
        metadata: { name },
        spec: { podSelector: { matchLabels: { app: name } }, retries: 0 },
      },
      barePod(name, redisOn(['n1', 'n4'], lonelyImage), annotations),
    );
    const before = await found(name, 'n1');
    await requestedAndRemoved(name, name);
    const { status } = await overMove(namespace, name);
    expect(status).toMatchObject({ phase: 'Failed', reason: 'TargetNotStarted' });
    expect(status?.message).toMatch(/; the pod's object had been removed for the move, so the pod starts anew$/);
    const after = await readyPod({ namespace, name });
    expect(after.metadata.uid).not.toBe(before.pod.metadata.uid);
    expect((await identityOf(namespace, name)).runID).not.toBe(before.was.runID);
    expect((await before.client.lap()).connected).toBe(false);
  });
});
