import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeNamed } from '../../lab/cluster.ts';
import { runtimeUp } from '../../lab/images/load.ts';
import { runInNode } from '../../lab/node-exec.ts';
import { bootNode, crashNode } from '../../lab/node/crash.ts';
import { daemonsDown } from '../../lab/node/daemons.ts';
import { until } from '../../lab/wait.ts';
import { resolverIn } from '../../src/migration/target-pod/resolver.ts';
import { leasesOf } from '../cluster/addresses.ts';
import { type CounterClient, startCounter } from '../cluster/counter-client.ts';
import { apply, kubectl } from '../cluster/kubectl.ts';
import { expectSuccess, overMove, requestMove } from '../cluster/migrations.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { startingOn } from '../cluster/nodes.ts';
import { identityOf, podsOf, type PodView, readyPod, redisDeployment } from '../cluster/redis.ts';

const namespace = 'e2e-addresses';
const clients: CounterClient[] = [];

beforeAll(() => freshNamespace(namespace));

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await removeNamespace(namespace);
});

/** A pod with an address of its node: it opts in when it runs already. */
const startPlain = async (name: string, node: string): Promise<PodView> => {
  const affinity = startingOn(node, 'n1', 'n2', 'n3');
  await apply(redisDeployment({ namespace, name, optIn: false, spec: { affinity } }));
  const pod = await readyPod({ namespace, name }, node);
  await kubectl('annotate', 'pod', pod.metadata.name, '-n', namespace, 'transship.dev/migrate=true');
  return pod;
};

const watched = async (pod: PodView): Promise<CounterClient> => {
  const client = await startCounter('n0', { host: pod.status.podIP ?? '', port: 6379 }, pod.metadata.name);
  clients.push(client);
  return client;
};

const move = async (name: string, to: string): Promise<PodView> => {
  const [pod] = await podsOf({ namespace, name });
  const id = `${name}-to-${to}-${Date.now().toString(36)}`;
  await requestMove(namespace, id, { podName: pod?.metadata.name, targetNodeName: to });
  expectSuccess(await overMove(namespace, id));
  return readyPod({ namespace, name }, to);
};

const read = (pod: PodView, path: string): Promise<string> =>
  kubectl('exec', '-n', namespace, pod.metadata.name, '--', 'cat', path);

const networkOf = async (pod: PodView) => ({
  ip: pod.status.podIP,
  hosts: await read(pod, '/etc/hosts'),
  resolver: resolverIn(await read(pod, '/etc/resolv.conf')),
  identity: await identityOf(namespace, pod.metadata.name),
});

const unbroken = async (client: CounterClient): Promise<void> => {
  const lap = await client.lap();
  expect(lap).toMatchObject({ connected: true, jumps: 0 });
  expect(lap.answers).toBeGreaterThan(0);
};

/** Its disk is as it was; everything under /run is gone, and its agent has yet to start. */
const reboot = async (name: string): Promise<void> => {
  await crashNode(name);
  await bootNode(name);
  const node = nodeNamed(name);
  await until({ what: `the daemons of ${name}`, timeoutMs: 60_000 }, async () =>
    (await daemonsDown(node)).length === 0 ? true : undefined,
  );
  await runtimeUp(node);
};

const reservations = '/var/lib/cni/networks/lab';

describe('a pod with an address of its node', () => {
  let address: string;

  it('keeps it with all that its network is known by through a second and a third move, the last one back', async () => {
    const pod = await startPlain('walker', 'n1');
    address = pod.status.podIP ?? '';
    expect(address).toMatch(/^10\.244\./);
    const was = await networkOf(pod);
    const client = await watched(pod);
    for (const node of ['n3', 'n2', 'n1', 'n3']) {
      expect(await networkOf(await move('walker', node))).toEqual(was);
      await unbroken(client);
    }
  });

  it('which nobody gets on its old node while it lives elsewhere, also after a reboot, though the network there has forgotten it', async () => {
    await reboot('n1');
    const [, , , last = '0'] = address.split('.');
    // As with an empty /var/lib/cni, or on a node that has got this range: it would give this address next.
    const forget = `rm -f ${reservations}/${address}; printf ${address.replace(/\d+$/, String(Number(last) - 1))} >${reservations}/last_reserved_ip.0`;
    await runInNode('n1', ['sh', '-c', forget]);
    const neighbour = await startPlain('neighbour', 'n1');
    expect(neighbour.status.podIP).toMatch(/^10\.244\./);
    expect(neighbour.status.podIP).not.toBe(address);
    expect(await runInNode('n1', ['cat', `${reservations}/${address}`])).toContain(`transship-${address}`);
    await unbroken(clients[0] as CounterClient);
  });

  it('and which its old node has again when it is gone', async () => {
    await clients.shift()?.close();
    await kubectl('delete', 'deployment', 'walker', '-n', namespace);
    await until({ what: 'the lease to go', timeoutMs: 90_000 }, async () =>
      (await leasesOf(namespace)).length === 0 ? true : undefined,
    );
    // The list is written every 20 s; what is owed is given back by the next pod that starts.
    await until({ what: 'the network to have its address again', timeoutMs: 60_000, everyMs: 5_000 }, async () => {
      await kubectl('delete', 'pods', '-n', namespace, '-l', 'app=neighbour');
      await readyPod({ namespace, name: 'neighbour' }, 'n1');
      const held = await runInNode('n1', ['sh', '-c', `cat ${reservations}/${address} 2>/dev/null || true`]);
      return held.includes('transship-') ? undefined : true;
    });
    expect((await runInNode('n1', ['ls', '/var/lib/transship/owed'])).includes(`transship-${address}`)).toBe(false);
  });
});

describe('two pods', () => {
  it('change places at once, each with its address', async () => {
    const [left, right] = await Promise.all([startPlain('left', 'n1'), startPlain('right', 'n3')]);
    const both = await Promise.all([watched(left), watched(right)]);
    const [moved, other] = await Promise.all([move('left', 'n3'), move('right', 'n1')]);
    expect([moved.status.podIP, other.status.podIP]).toEqual([left.status.podIP, right.status.podIP]);
    for (const client of both) await unbroken(client);
  });
});
