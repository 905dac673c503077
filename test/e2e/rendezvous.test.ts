import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../lab/wait.ts';
import { eventsOn } from '../cluster/events.ts';
import { apply, getJson, kubectl } from '../cluster/kubectl.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { runtimeOf } from '../cluster/nodes.ts';
import { newOn, type NodeState, stateOf } from '../cluster/node-state.ts';
import { image } from '../cluster/redis.ts';

const namespace = 'e2e-rendezvous';
const nodes = ['n2', 'n4'] as const;

interface Started {
  readonly status: { readonly containerStatuses?: readonly { readonly started?: boolean }[] };
}

const before = new Map<string, NodeState>();

/** A pod that waits for the image of a move that nobody has begun. */
const impatient = (node: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace, name: `on-${node}` },
  spec: {
    nodeName: node,
    runtimeClassName: 'transship',
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'redis',
        image,
        imagePullPolicy: 'IfNotPresent',
        env: [{ name: 'TRANSSHIP_MIGRATION', value: randomUUID() }],
      },
    ],
  },
});

beforeAll(async () => {
  await freshNamespace(namespace);
  for (const node of nodes) before.set(node, await stateOf(node));
  await apply(...nodes.map(impatient));
});

afterAll(() => removeNamespace(namespace));

describe('a container that waits for a move that nobody has begun', () => {
  it.each(nodes.map((node) => [runtimeOf(node), node]))('is not started on %s', async (_runtime, node) => {
    const name = `on-${node}`;
    const event = await until({ what: `${name} to be refused`, timeoutMs: 60_000, everyMs: 500 }, async () =>
      (await eventsOn(namespace, 'Pod', name)).find(({ message }) => message.includes('RendezvousUnknown')),
    );
    expect(event).toMatchObject({ type: 'Warning', reason: 'Failed' });
    const { status } = await getJson<Started>('pod', name, '-n', namespace);
    expect(status.containerStatuses?.[0]?.started).not.toBe(true);
    expect(await kubectl('describe', 'pod', name, '-n', namespace)).toContain('transship: RendezvousUnknown: ');
  });

  it.each(nodes.map((node) => [runtimeOf(node), node]))('leaves nothing behind on %s', async (_runtime, node) => {
    await kubectl('delete', 'pod', `on-${node}`, '-n', namespace, '--timeout=60s');
    await expect.poll(() => newOn(node, before.get(node)!), { timeout: 30_000 }).toEqual([]);
  });
});
