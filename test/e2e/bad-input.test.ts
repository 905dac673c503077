import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventOn } from '../cluster/events.ts';
import { removeGhost, startGhost } from '../cluster/ghost-node.ts';
import { applyAndReadWarnings, getJson } from '../cluster/kubectl.ts';
import { conditionOf, overMove, requestMove } from '../cluster/migrations.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { startingOn } from '../cluster/nodes.ts';
import { deployRedis, identityOf, image, type PodView, podsOf } from '../cluster/redis.ts';

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
