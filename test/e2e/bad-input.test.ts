import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventOn } from '../cluster/events.ts';
import { removeGhost, startGhost } from '../cluster/ghost-node.ts';
import { apply, applyAndReadWarnings, getJson, kubectl, tryKubectl } from '../cluster/kubectl.ts';
import { conditionOf, moveIn, overMove, requestMove } from '../cluster/migrations.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { startingOn } from '../cluster/nodes.ts';
import { deployRedis, identityOf, image, type PodView, podsOf, readyPod } from '../cluster/redis.ts';

const namespace = 'e2e-bad-input';
const name = 'redis';
const ghost = 'ghost';
const foreignUID = '00000000-0000-4000-8000-000000000000';

let source: PodView;
let identity: Awaited<ReturnType<typeof identityOf>>;

beforeAll(async () => {
  await freshNamespace(namespace);
  await startGhost(ghost);
  source = (await deployRedis({ namespace, name, startOn: 'n1', spec: { affinity: startingOn('n1', 'n2') } }, [])).pod;
  identity = await identityOf(namespace, source.metadata.name);
});

afterAll(async () => {
  await removeNamespace(namespace);
  await removeGhost(ghost);
});

const podWith = (podName: string, annotations: Readonly<Record<string, string>>) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace, name: podName, annotations },
  spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'redis', image, imagePullPolicy: 'IfNotPresent' }] },
});

const expectSourceAsBefore = async (): Promise<void> => {
  const [pod, ...others] = await podsOf({ namespace, name });
  expect(others).toEqual([]);
  expect(pod?.metadata.uid).toBe(source.metadata.uid);
  expect(await identityOf(namespace, source.metadata.name)).toEqual(identity);
};

describe('an annotation of ours', () => {
  it.each([
    ['with a value that is neither true nor false', 'malformed', { 'transship.dev/migrate': 'yes' }, '"yes"'],
    ['that does not exist', 'unknown', { 'transship.dev/migrat': 'true' }, 'transship.dev/migrat'],
  ])('%s is warned of, and does not keep the pod from starting', async (_what, podName, annotations, shown) => {
    const warnings = await applyAndReadWarnings(podWith(podName, annotations));
    expect(warnings).toMatch(/^Warning: AnnotationMalformed: /m);
    expect(warnings).toContain(shown);
    const pod = await getJson<PodView>('pod', podName, '-n', namespace);
    expect(pod.spec).not.toHaveProperty('runtimeClassName');
  });
});

describe('a Migration', () => {
  it.each([
    ['of a pod that does not exist', 'PodNotFound', () => ({ podName: 'nobody' })],
    ['of a pod that has been replaced', 'PodNotFound', () => ({ podName: source.metadata.name, podUID: foreignUID })],
    ['to a node that does not exist', 'TargetNodeNotFound', () => to('n99')],
    ['to the node of its pod', 'TargetNodeIsSource', () => to('n1')],
    ['to a node without an agent', 'TargetNodeHasNoAgent', () => to(ghost)],
    ['to a node that takes no such pods', 'NoNodeFits', () => ({ ...to('n0'), deadlineSeconds: 10 })],
  ])('%s ends with %s, and the pod runs as before', async (what, reason, specOf) => {
    const move = what.replaceAll(' ', '-');
    await requestMove(namespace, move, specOf());
    const { status } = await overMove(namespace, move);
    expect(status).toMatchObject({ phase: 'Failed', reason });
    expect(conditionOf({ status }, 'Succeeded')).toMatchObject({ status: 'False', reason });
    const event = await eventOn(namespace, 'Migration', move, reason);
    expect(event).toMatchObject({ type: 'Warning', message: status?.message });
    await expectSourceAsBefore();
  });

  const to = (targetNodeName: string) => ({ podName: source.metadata.name, targetNodeName });
});

describe('two Migrations of one pod', () => {
  it('move it once, and the other one says which did', async () => {
    const twice = { namespace, name: 'twice' };
    const { pod } = await deployRedis({ ...twice, startOn: 'n1', spec: { affinity: startingOn('n1', 'n2') } }, []);
    const podName = pod.metadata.name;
    const was = await identityOf(namespace, podName);
    const names = ['one', 'another'];
    await Promise.all(names.map((move) => requestMove(namespace, move, { podName })));
    const moves = await Promise.all(names.map((move) => overMove(namespace, move)));
    const winner = moves.find(({ status }) => status?.phase === 'Succeeded');
    const loser = moves.find((move) => move !== winner);
    expect(loser?.status).toMatchObject({ phase: 'Failed', reason: 'AlreadyMoved' });
    const after = await readyPod(twice, 'n2');
    expect(loser?.status?.message).toBe(
      `AlreadyMoved: Pod ${namespace}/${podName} has been moved by Migration ${winner?.metadata.name ?? ''}: it runs as ${after.metadata.name} on node n2`,
    );
    expect(await identityOf(namespace, after.metadata.name)).toEqual(was);
  });
});

describe('a move that waits for a node', () => {
  const stuck = { namespace, name: 'stuck' };
  let pod: PodView;

  beforeAll(async () => {
    pod = (await deployRedis({ ...stuck, startOn: 'n1', spec: { affinity: startingOn('n1') } }, [])).pod;
    await requestMove(namespace, 'stuck', { podName: pod.metadata.name });
    await moveIn('Preparing', namespace, pod.metadata.name);
  });

  const edit = (...words: readonly string[]) =>
    tryKubectl('patch', 'migration', 'stuck', '-n', namespace, '--type=merge', ...words);

  it.each([
    ['to be of another pod', '{"spec":{"podName":"another"}}', 'podName cannot be changed'],
    ['to go to another node', '{"spec":{"targetNodeName":"n2"}}', 'targetNodeName cannot be changed'],
    ['to have more time', '{"spec":{"deadlineSeconds":3600}}', 'deadlineSeconds cannot be changed'],
  ])('cannot be edited %s', async (_what, patch, said) => {
    const { code, stderr } = await edit('-p', patch);
    expect(code).not.toBe(0);
    expect(stderr).toContain(`${said}: a Migration is one move; create another one`);
  });

  it.each(['Committed', 'Succeeded', 'Failed'])('cannot be made %s by hand', async (phase) => {
    const { code, stderr } = await edit('--subresource=status', '-p', JSON.stringify({ status: { phase } }));
    expect(code).not.toBe(0);
    expect(stderr).toContain('only the controller and the agents of Transship write it');
    expect((await podsOf(stuck)).map(({ metadata }) => metadata.uid)).toContain(pod.metadata.uid);
  });

  it('ends when another pod takes the name of its pod, and leaves that one alone', async () => {
    const podName = pod.metadata.name;
    await kubectl('delete', 'pod', podName, '-n', namespace, '--grace-period=0', '--force');
    await apply(podWith(podName, {}));
    expect((await overMove(namespace, 'stuck')).status).toMatchObject({ phase: 'Failed', reason: 'SourceGone' });
    await kubectl('wait', `pod/${podName}`, '-n', namespace, '--for=condition=Ready', '--timeout=60s');
    const { metadata } = await getJson<PodView>('pod', podName, '-n', namespace);
    expect(metadata.uid).not.toBe(pod.metadata.uid);
    expect(metadata.deletionTimestamp).toBeUndefined();
  });
});
