import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodes } from '../../lab/cluster.ts';
import { type Busy, busyState, deployBusyClient } from '../cluster/busy-client.ts';
import { type CounterClient, startCounter, startOutside } from '../cluster/counter-client.ts';
import { deployEchoServers } from '../cluster/echo-servers.ts';
import { apply, getJson } from '../cluster/kubectl.ts';
import { fromEachToEach, movedTo } from '../cluster/moved.ts';
import { clearNamespace, freshNamespace } from '../cluster/namespaces.ts';
import { connectionTablesOf } from '../cluster/node-kernel.ts';
import type { PodView } from '../cluster/redis.ts';

const namespace = 'e2e-connections';
const servers = 'e2e-connections-servers';
const name = 'client';
const places = ['n1', 'n2', 'n3', 'n4'] as const;
const counterPort = 6379;
const pauseMs = 10;

/**
 * How often each socket over UDP may have to ask again in a move: what has come to a frozen socket is not in its image, and
 * what is on its way while routes change may be lost as any datagram.
 */
const repetitions = 2;

/** A segment that was lost more than once is sent again seconds later (RFC 6298: each time after twice as long). */
const goOnMs = 15_000;

let pod: PodView;
let before: Busy;
let service: ServiceView;
let clients: readonly (readonly [string, CounterClient])[] = [];

interface ServiceView {
  readonly spec: { readonly clusterIP: string; readonly ports: readonly [{ readonly nodePort: number }] };
}

const openToOutside = async (): Promise<ServiceView> => {
  await apply({
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace } },
    spec: {
      ...{ type: 'NodePort', externalTrafficPolicy: 'Cluster', selector: { app: name } },
      ports: [{ port: counterPort }],
    },
  });
  return getJson<ServiceView>('service', name, '-n', namespace);
};

/** Through the port of each node from outside, and through the Service from each: of the pod's own, and of that to which it goes. */
const startClients = async ({ spec }: ServiceView): Promise<readonly (readonly [string, CounterClient])[]> => {
  const { nodePort } = spec.ports[0];
  return Promise.all([
    ...nodes.map(async (node) => {
      const server = { host: node.address, port: nodePort };
      return [`port of ${node.name}`, await startOutside(server, 'outside', pauseMs)] as const;
    }),
    ...nodes.map(async (node) => {
      const server = { host: spec.clusterIP, port: counterPort };
      return [`Service on ${node.name}`, await startCounter(node.name, server, 'inside', pauseMs)] as const;
    }),
  ]);
};

beforeAll(async () => {
  await freshNamespace(servers);
  pod = await deployBusyClient({ namespace, name, nodes: [...places] }, await deployEchoServers(servers));
  service = await openToOutside();
  before = await busyState(pod);
});

afterAll(async () => {
  await clearNamespace(namespace);
  await clearNamespace(servers);
});

it('a pod has connections to servers on every node, each in every way', () => {
  const ways = ['ask', 'push', 'direct', 'udp'].flatMap((way) => places.map((node) => `${way} ${node}`));
  expect(Object.keys(before.lasting).toSorted()).toEqual(ways.toSorted());
});

describe.each(fromEachToEach)('when it is moved %s', (_route, to) => {
  let after: Busy;

  beforeAll(async () => {
    before = await busyState(pod);
    clients = await startClients(service);
    pod = await movedTo(pod, name, to);
    await sleep(2_000);
    after = await busyState(pod);
  });

  afterAll(async () => {
    await Promise.all(clients.map(([, client]) => client.close()));
  });

  it('none of its own connections breaks, all go on, and each answer is the one that was due', async () => {
    const goOn = async () => {
      const { lasting } = await busyState(pod);
      return Object.entries(after.lasting).filter(([way, { count }]) => (lasting[way]?.count ?? 0) <= count + 10);
    };
    await expect.poll(goOn, { timeout: goOnMs, interval: 200 }).toEqual([]);
    expect(after.word).toBe(before.word);
    for (const [way, held] of Object.entries((await busyState(pod)).lasting)) {
      expect({ way, ...held }).toMatchObject({ broken: '', wrong: 0, port: before.lasting[way]?.port });
      const repeated = held.repeated - (before.lasting[way]?.repeated ?? 0);
      expect({ way, isPatient: repeated <= repetitions }).toEqual({ way, isPatient: true });
    }
  });

  it('none that it begins is refused', () => {
    expect(after.brief.failed).toEqual([]);
    expect(after.brief.ended).toBeGreaterThan(before.brief.ended + 10);
  });

  it('clients keep their connections, through port and Service of every node', async () => {
    const ways: object[] = [];
    for (const [, client] of clients) await client.lap(); // of the time before
    await sleep(1_000);
    for (const [way, client] of clients) {
      const { connected, jumps, answers } = await client.lap();
      ways.push({ way, connected, jumps, isAnswered: answers > 10 });
    }
    expect(ways).toEqual(clients.map(([way]) => ({ way, connected: true, jumps: 0, isAnswered: true })));
  });

  it('nothing of the move itself is left in a kernel', async () => {
    for (const node of places) {
      const tables = await connectionTablesOf(node, pod.status.podIP ?? '');
      expect({ node, tables }).toEqual({ node, tables: node === to ? ['home'] : [] });
    }
  });
});
