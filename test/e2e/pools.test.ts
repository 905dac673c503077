import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../lab/wait.ts';
import { apiVersion } from '../../src/api/group.ts';
import { applyPool, leasesOf, poolThat, removePools } from '../cluster/addresses.ts';
import { eventOn } from '../cluster/events.ts';
import { apply, kubectl } from '../cluster/kubectl.ts';
import { expectSuccess, finishedMove, requestMove } from '../cluster/migrations.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { startingOn } from '../cluster/nodes.ts';
import { podsOf, type PodView, readyPod, redisDeployment } from '../cluster/redis.ts';

const namespace = 'e2e-pools';
/** Each has room for one pod. */
const [first, second] = ['e2e-first', 'e2e-second'];
const pools = [first, second, 'e2e-services', 'e2e-pods'];
const podSelector = { matchExpressions: [{ key: 'app', operator: 'In', values: ['a', 'b', 'c'] }] };

beforeAll(async () => {
  await removePools(...pools);
  await freshNamespace(namespace);
});

afterAll(async () => {
  await removeNamespace(namespace);
  await removePools(...pools);
});

const start = (name: string): Promise<void> =>
  apply(redisDeployment({ namespace, name, spec: { affinity: startingOn('n1', 'n3') } }));

/** The pod of a Deployment, once its kubelet has tried to start it. */
const waiting = (name: string): Promise<PodView> =>
  until({ what: `a pod of ${name}`, timeoutMs: 30_000 }, async () => (await podsOf({ namespace, name }))[0]);

describe('pods get their addresses from the pools that select them', () => {
  it('one pool after the other, and no pool that is full lets them have others', async () => {
    await applyPool(first, { cidr: '10.246.0.0/30', podSelector });
    await applyPool(second, { cidr: '10.246.0.4/30', podSelector });
    await poolThat(second, 'give addresses', ({ free }) => free === 1);
    await start('a');
    expect((await readyPod({ namespace, name: 'a' })).status.podIP).toBe('10.246.0.2');
    await start('b');
    expect((await readyPod({ namespace, name: 'b' })).status.podIP).toBe('10.246.0.6');
    await start('c');
    const { metadata } = await waiting('c');
    const told = await eventOn(namespace, 'Pod', metadata.name, 'PoolExhausted');
    expect(told.message).toBe(
      `Pod ${namespace}/${metadata.name} waits for an address: no address is left in IPPool ${first} (10.246.0.0/30), ${second} (10.246.0.4/30); the address is asked for again`,
    );
    const byKubelet = await eventOn(namespace, 'Pod', metadata.name, 'FailedCreatePodSandBox');
    expect(byKubelet.message).toContain('PoolExhausted: no address is left in IPPool');
  });

  it('which an administrator sees', async () => {
    await poolThat(second, 'be exhausted', ({ reason }) => reason === 'PoolExhausted');
    const [header = '', ...rows] = (await kubectl('get', 'ippool', first, second)).trimEnd().split('\n');
    expect(header.split(/\s+/)).toEqual(['NAME', 'CIDR', 'LEASED', 'FREE', 'REASON', 'AGE']);
    expect(rows.map((row) => row.split(/\s+/).slice(0, 5))).toEqual([
      [first, '10.246.0.0/30', '1', '0', 'PoolExhausted'],
      [second, '10.246.0.4/30', '1', '0', 'PoolExhausted'],
    ]);
  });

  it('and the one that waits gets one when a pool is changed; others keep theirs, also when they move', async () => {
    await applyPool(second, { cidr: '10.246.0.8/29', podSelector });
    expect((await readyPod({ namespace, name: 'c' })).status.podIP).toMatch(/^10\.246\.0\.1[0-4]$/);
    await poolThat(second, 'have leases outside', ({ reason }) => reason === 'LeasesOutsidePool');
    const { metadata } = await readyPod({ namespace, name: 'b' });
    await requestMove(namespace, 'out-of-its-pool', { podName: metadata.name, targetNodeName: 'n3' });
    expectSuccess(await finishedMove(namespace, metadata.name));
    expect((await readyPod({ namespace, name: 'b' }, 'n3')).status.podIP).toBe('10.246.0.6');
  });

  it('and give them back when they are gone', async () => {
    expect((await leasesOf(namespace)).map((lease) => lease.spec.pool).toSorted()).toEqual([first, second, second]);
    await kubectl('delete', 'deployment', 'a', 'b', 'c', '-n', namespace);
    await poolThat(first, 'have no leases', ({ leased, free }) => leased === 0 && free === 1);
    await poolThat(second, 'have no leases', ({ leased, reason }) => leased === 0 && reason === 'PoolReady');
    expect(await leasesOf(namespace)).toEqual([]);
  });
});

describe('a pool', () => {
  it.each([
    ['e2e-services', '10.96.128.0/24', 'Services'],
    ['e2e-pods', '10.244.1.0/24', 'the podCIDR of node '],
  ])('%s gives nothing of what others have', async (name, cidr, from) => {
    await applyPool(name, { cidr, podSelector: { matchLabels: { app: 'nobody' } } });
    const { status } = await poolThat(name, 'have nothing', ({ capacity }) => capacity === 0);
    expect(status?.conditions?.map(({ type }) => type)).toEqual(['Ready', 'Overlaps']);
    expect(JSON.stringify(status)).toContain(from);
  });

  it.each([
    ['nonsense', 'cidr must be an IPv4 network of at least four addresses, for example 10.245.0.0/16'],
    ['fd00::/64', 'cidr must be an IPv4 network of at least four addresses'],
    ['10.246.0.0/31', 'cidr must be an IPv4 network of at least four addresses'],
    ['10.246.3.0/16', 'cidr must be the first address of its network'],
    ['127.0.0.0/8', 'cidr must be of addresses that hosts can have'],
  ])('of %s is refused', async (cidr, message) => {
    const pool = { apiVersion, kind: 'IPPool', metadata: { name: 'e2e-wrong' }, spec: { cidr } };
    await expect(apply(pool)).rejects.toThrow(message);
  });

  it('that reserves nonsense is refused', async () => {
    const spec = { cidr: '10.246.0.0/16', reserved: ['10.246.0.0/24', 'x'] };
    await expect(applyPool('e2e-wrong', spec)).rejects.toThrow('reserved must be IPv4 networks or addresses');
  });
});
