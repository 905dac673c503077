import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../api/metadata.ts';
import type { MigrationPolicy } from '../../api/migration-policy.ts';
import type { Migration } from '../../api/migration.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/persistent-volume.ts';
import { migrationWith, podWith } from '../../api/pod-fixture.ts';
import type { Pod } from '../../api/pod.ts';
import { FakeClock } from '../../clock/fake-clock.ts';
import { findingsFrom } from '../../controller/findings.ts';
import { migrationsAboutFrom } from '../../controller/migrations-about.ts';
import { policiesFrom } from '../../controller/policies/choice.ts';
import { keyOf, keyText, type Lookup } from '../../kube/lookup.ts';
import { silentLog } from '../../log/log.ts';
import { noTracer } from '../../trace/tracer.ts';
import { agentOf, nodeNamed, testTime } from '../../scheduling/node-fixture.ts';
import { type AdmissionPorts, createAdmissionApp } from '../app.ts';
import { Evacuations } from './evacuations.ts';
import { answerEviction } from './handler.ts';

const numbered = <T>(count: number, make: (number: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** How many objects were looked at. */
let looks = 0;

/** As a cache is: found by its key, however many there are, and the same list until something changes. */
const cacheOf = <T extends KubeObject>(objects: readonly T[] = []): Lookup<T> => {
  const byKey = new Map(objects.map((object) => [keyText(keyOf(object)), object]));
  const items = new Proxy(objects, {
    get: (all, name, itself) => {
      if (typeof name === 'string' && /^\d+$/.test(name)) looks += 1;
      return Reflect.get(all, name, itself) as unknown;
    },
  });
  return {
    get: (key) => {
      looks += 1;
      return byKey.get(keyText(key));
    },
    items: () => items,
  };
};

const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'redis', uid: 'rs', controller: true }];
const pod = podWith({ metadata: { ownerReferences } });
const podNumbered = (number: number, nodes: number): Pod => ({
  ...pod,
  metadata: { ...pod.metadata, name: `redis-${number}`, uid: `uid-${number}` },
  spec: { ...pod.spec, nodeName: `w${number % nodes}` },
});
const move = migrationWith({ status: { phase: 'Moving' } });
const moveNumbered = (number: number): Migration => ({
  ...move,
  metadata: { ...move.metadata, name: `redis-${number}-move`, uid: `m-${number}` },
  spec: { ...move.spec, podName: `redis-${number}`, podUID: `uid-${number}` },
});

interface Size {
  readonly pods: number;
  readonly nodes: number;
  readonly migrations: number;
}

/** A cluster of a size, in which the API server takes requests and never says anything. */
const clusterOf = ({ pods: podCount, nodes, migrations: migrationCount }: Size) => {
  const asked = { times: 0 };
  const silent = (): Promise<never> => {
    asked.times += 1;
    return new Promise(() => undefined);
  };
  const pods = numbered(podCount, (number) => podNumbered(number, nodes));
  const migrations = cacheOf(numbered(migrationCount, moveNumbered));
  const known = {
    nodes: cacheOf(numbered(nodes, (number) => nodeNamed(`w${number}`))),
    migrationNodes: cacheOf(numbered(nodes, (number) => agentOf(`w${number}`))),
    migrations,
    claims: cacheOf<PersistentVolumeClaim>(),
    volumes: cacheOf<PersistentVolume>(),
    policies: cacheOf<MigrationPolicy>(),
    namespaces: cacheOf(),
  };
  const clock = new FakeClock(testTime);
  const events = { record: () => undefined, flush: () => Promise.resolve() };
  const evacuations = new Evacuations({
    api: { create: silent, delete: silent },
    events,
    clock,
    tracer: noTracer,
    log: silentLog,
  });
  const policyOf = policiesFrom(known);
  const ports: AdmissionPorts = {
    ...{
      pods: cacheOf(pods),
      nodes: known.nodes,
      policyOf,
      evacuations,
      events,
      clock,
      tracer: noTracer,
      log: silentLog,
    },
    migrationsAbout: migrationsAboutFrom({ items: () => migrations.items(), onChange: () => undefined }),
    emptyingFactsOf: (node) => ({ node, pods: [], migrations: [] }),
    respondsToEvictions: () => false,
    findingsOf: findingsFrom({ ...known, policyOf, clock }),
  };
  return { pods, ports, asked };
};

const evictionOf = ({ metadata: { namespace, name } }: Pod) => ({
  ...{ uid: name, namespace, name },
  object: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { namespace, name } },
});

describe('evictions among 5,000 pods, 32 at a time', () => {
  let cluster: ReturnType<typeof clusterOf>;
  let server: Server;
  beforeEach(async () => {
    cluster = clusterOf({ pods: 5_000, nodes: 100, migrations: 200 });
    server = createServer(createAdmissionApp(cluster.ports)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const codeFor = async (of: Pod): Promise<number | undefined> => {
    const request = evictionOf(of);
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/admission/eviction`, {
      method: 'POST',
      body: JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request }),
    });
    const { response: answer } = (await response.json()) as { response: { uid: string; status?: { code: number } } };
    expect(answer.uid).toBe(request.uid);
    return answer.status?.code;
  };

  it('are all answered while the API server says nothing', async () => {
    const left = cluster.pods.slice(0, 500).values();
    const codes = new Set<number | undefined>();
    const lane = async (): Promise<void> => {
      for (const each of left) codes.add(await codeFor(each));
    };
    await Promise.all(numbered(32, lane));
    expect(codes).toEqual(new Set([429]));
    // The first of those that are made behind the answers; the others wait for them.
    expect(cluster.asked.times).toBe(8);
  });
});

/** How many objects the eviction of a pod looks at that is not the first. */
const looksFor = (size: Size, number: number): number => {
  const { pods, ports } = clusterOf(size);
  const evict = (of: Pod): void => {
    expect(answerEviction(evictionOf(of), ports).denial?.code).toBe(429);
  };
  evict(pods.at(-1)!);
  looks = 0;
  evict(pods[number]!);
  return looks;
};

describe('an eviction looks at no more objects of a cluster that is a hundred times as large', () => {
  const small: Size = { pods: 50, nodes: 10, migrations: 20 };
  const large: Size = { pods: 5_000, nodes: 1_000, migrations: 2_000 };

  it.each([
    ['when its pod is being moved', { inSmall: 7, inLarge: 1_007 }],
    ['when its pod is yet to be moved', { inSmall: 47, inLarge: 4_007 }],
  ])('%s', (_when, { inSmall, inLarge }) => {
    const few = looksFor(small, inSmall);
    expect(few).toBeLessThan(20);
    expect(looksFor(large, inLarge)).toBe(few);
  });
});
