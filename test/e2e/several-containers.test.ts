import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { companyOf, deployCompany } from '../cluster/company.ts';
import { type CounterClient, startCounter } from '../cluster/counter-client.ts';
import { getJson } from '../cluster/kubectl.ts';
import { fromEachToEach, movedTo } from '../cluster/moved.ts';
import { removeNamespace } from '../cluster/namespaces.ts';
import { type PodView } from '../cluster/redis.ts';

const namespace = 'e2e-several-containers';
const name = 'company';

interface Restarts {
  readonly status: Record<
    'initContainerStatuses' | 'containerStatuses',
    readonly { readonly name: string; readonly restartCount: number }[]
  >;
}

let pod: PodView;
let clients: readonly CounterClient[];

beforeAll(async () => {
  pod = await deployCompany({ namespace, name, nodes: ['n1', 'n2', 'n3', 'n4'] });
  const host = pod.status.podIP ?? '';
  clients = await Promise.all([6379, 7000].map((port) => startCounter('n0', { host, port }, 'any')));
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await removeNamespace(namespace);
});

const restarts = async (podName: string): Promise<Record<string, number>> => {
  const { status } = await getJson<Restarts>('pod', podName, '-n', namespace);
  const all = [...status.initContainerStatuses, ...status.containerStatuses];
  return Object.fromEntries(all.map(({ name: container, restartCount }) => [container, restartCount]));
};

describe('a pod of a sidecar, a Redis and a program that speak with each other', () => {
  it.each(fromEachToEach)('moves whole %s', async (_route, to) => {
    const before = await companyOf(namespace, pod.metadata.name);
    for (const client of clients) await client.lap();
    pod = await movedTo(pod, name, to);
    for (const client of clients) {
      const lap = await client.lap();
      expect(lap).toMatchObject({ connected: true, jumps: 0 });
      expect(lap.answers).toBeGreaterThan(0);
    }
    const after = await companyOf(namespace, pod.metadata.name);
    expect(after).toMatchObject({ word: before.word, jumps: 0, broken: 0, connections: 1, beatsBackwards: 0 });
    expect(after.answers).toBeGreaterThan(before.answers);
    expect(after.beat).toBeGreaterThan(before.beat);
    expect(await restarts(pod.metadata.name)).toEqual({ beat: 0, redis: 0, app: 0 });
  });
});
