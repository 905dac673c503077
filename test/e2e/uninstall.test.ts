import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodes } from '../../lab/cluster.ts';
import { installTransship } from '../cluster/install.ts';
import { kubectl } from '../cluster/kubectl.ts';
import { expectSuccess, finishedMove, requestMove } from '../cluster/migrations.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { startingOn } from '../cluster/nodes.ts';
import { deployRedis, identityOf, type PodView, readyPod } from '../cluster/redis.ts';
import { uninstallTransship } from '../cluster/uninstall.ts';
import { objectsOfCluster, pictureOfNode, untouched } from '../cluster/untouched.ts';

const namespace = 'e2e-uninstall';

const deploy = async (name: string, optIn: boolean, ...on: readonly [string, ...string[]]): Promise<PodView> => {
  const spec = { affinity: startingOn(...on) };
  return (await deployRedis({ namespace, name, optIn, startOn: on[0], spec }, [])).pod;
};

const move = async (name: string, pod: PodView, to: string): Promise<PodView> => {
  const podName = pod.metadata.name;
  await requestMove(namespace, `${name}-to-${to}`, { podName, targetNodeName: to });
  expectSuccess(await finishedMove(namespace, podName));
  return readyPod({ namespace, name }, to);
};

/** Step 1: its pod template loses the annotation, and so its pods are made anew. */
const optOut = async (name: string): Promise<PodView> => {
  const annotations = { 'transship.dev/migrate': null };
  const patch = JSON.stringify({ spec: { template: { metadata: { annotations } } } });
  await kubectl('patch', 'deployment', name, '-n', namespace, '--type=merge', '-p', patch);
  await kubectl('rollout', 'status', `deployment/${name}`, '-n', namespace, '--timeout=60s');
  return readyPod({ namespace, name });
};

const bystanders = [
  { name: 'bystander-containerd', node: 'n2' },
  { name: 'bystander-docker', node: 'n4' },
] as const;

let were: readonly unknown[];
let installed = true;

const identities = (): Promise<readonly unknown[]> =>
  Promise.all(
    bystanders.map(async ({ name, node }) => {
      const { metadata, status } = await readyPod({ namespace, name }, node);
      return { ip: status.podIP, uid: metadata.uid, ...(await identityOf(namespace, metadata.name)) };
    }),
  );

beforeAll(async () => {
  await freshNamespace(namespace);
  const [traveller] = await Promise.all([
    deploy('traveller', true, 'n1', 'n3'),
    ...bystanders.map(({ name, node }) => deploy(name, false, node)),
  ]);
  // So that there is something to be forgotten on a node of either runtime.
  await move('traveller', traveller, 'n3');
  were = await identities();
  expect((await optOut('traveller')).spec).not.toHaveProperty('runtimeClassName');
  installed = false;
  await uninstallTransship();
});

afterAll(async () => {
  if (!installed) await installTransship();
  await removeNamespace(namespace);
});

describe('uninstalling, in the five steps of its overlay,', () => {
  it.each(nodes)('leaves $name as it was before Transship', async ({ name }) => {
    const before = (await untouched()).nodes[name];
    // The kubelet looks for changed runtime handlers every ten seconds.
    await expect.poll(() => pictureOfNode(name), { timeout: 20_000, interval: 1_000 }).toEqual(before);
  });

  it('leaves nothing in the cluster', async () => {
    expect(await objectsOfCluster()).toEqual((await untouched()).objects);
  });

  it('lets pods that did not opt in run on', async () => {
    expect(await identities()).toEqual(were);
  });

  it.each([
    ['containerd', 'n1', '10.244.'],
    ['Docker', 'n3', '10.244.'],
  ])('lets new pods start on %s, also those that say that they may be moved', async (_runtime, node, network) => {
    for (const optIn of [false, true]) {
      const pod = await deploy(`new-${node}-${optIn ? 'in' : 'out'}`, optIn, node);
      expect(pod.status.podIP).toContain(network);
      expect(pod.spec).not.toHaveProperty('runtimeClassName');
    }
  });

  it('can be followed by installing, and a pod moves again', async () => {
    await installTransship();
    installed = true;
    const pod = await deploy('traveller-again', true, 'n3', 'n1');
    const was = await identityOf(namespace, pod.metadata.name);
    const after = await move('traveller-again', pod, 'n1');
    expect(await identityOf(namespace, after.metadata.name)).toEqual(was);
    expect(after.status.podIP).toBe(pod.status.podIP);
  });
});
