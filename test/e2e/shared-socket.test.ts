import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadExampleImages } from '../../lab/images/examples.ts';
import { overMove, requestMove } from '../cluster/migrations.ts';
import { removeNamespace } from '../cluster/namespaces.ts';
import type { PodView } from '../cluster/redis.ts';
import { readyPod } from '../cluster/redis.ts';
import { deployExample } from '../examples/deploy.ts';
import { webStack } from '../examples/web-stack.ts';

const { name } = webStack;
const namespace = 'e2e-shared-socket';
/** An image is built once on a machine. */
const imagesMs = 300_000;

let pod: PodView;

beforeAll(async () => {
  await loadExampleImages();
  pod = await deployExample(name, namespace, 'n1');
}, imagesMs);

afterAll(() => removeNamespace(namespace));

it('a pod whose containers are connected by a unix socket is refused before anything is touched, and its clients notice nothing', async () => {
  await using load = await webStack.load(pod);
  await requestMove(namespace, 'by-hand', { podName: pod.metadata.name, targetNodeName: 'n3' });
  const { status } = await overMove(namespace, 'by-hand');
  expect(status).toMatchObject({ phase: 'Failed', reason: 'SocketShared' });
  expect(status?.message).toContain('connections of unix sockets between containers: ');
  expect(status?.target).toBeUndefined();
  const { told, heard } = await load.end();
  expect(heard.length).toBeGreaterThan(0);
  expect(await webStack.differences(pod, told)).toEqual([]);
  expect((await readyPod({ namespace, name }, 'n1')).metadata.uid).toBe(pod.metadata.uid);
});
