import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { KubeObject } from '../../api/metadata.ts';
import type { MigrationPolicy } from '../../api/migration-policy.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/persistent-volume.ts';
import { migrationWith, podWith } from '../../api/pod-fixture.ts';
import type { Pod } from '../../api/pod.ts';
import { FakeClock } from '../../clock/fake-clock.ts';
import { policiesFrom } from '../../controller/policies/choice.ts';
import { surroundingsFrom } from '../../controller/surroundings.ts';
import { keyOf, keyText, type Lookup } from '../../kube/lookup.ts';
import { silentLog } from '../../log/log.ts';
import { findingsOf } from '../../migration/eligibility.ts';
import { agentOf, nodeNamed, testTime } from '../../scheduling/node-fixture.ts';
import { createAdmissionApp } from '../app.ts';
import { Evacuations } from './evacuations.ts';

/** As a cache is: found by its key, however many there are. */
const cacheOf = <T extends KubeObject>(objects: readonly T[] = []): Lookup<T> => {
  const byKey = new Map(objects.map((object) => [keyText(keyOf(object)), object]));
  return { get: (key) => byKey.get(keyText(key)), items: () => [...byKey.values()] };
};

const numbered = <T>(count: number, make: (number: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, i) => make(i));

const controller = {
  ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'redis', uid: 'rs', controller: true }],
};
const pods = numbered(5_000, (number) => {
  const pod = podWith({ spec: { nodeName: `w${number % 100}` } });
  return { ...pod, metadata: { ...pod.metadata, ...controller, name: `redis-${number}`, uid: `uid-${number}` } };
});
const known = {
  nodes: cacheOf(numbered(100, (number) => nodeNamed(`w${number}`))),
  migrationNodes: cacheOf(numbered(100, (number) => agentOf(`w${number}`))),
  migrations: cacheOf(
    numbered(200, (number) =>
      migrationWith({
        metadata: { name: `redis-${number}-move`, uid: `m-${number}` },
        spec: { podName: `redis-${number}`, podUID: `uid-${number}` },
        status: { phase: 'Moving' },
      }),
    ),
  ),
  claims: cacheOf<PersistentVolumeClaim>(),
  volumes: cacheOf<PersistentVolume>(),
  policies: cacheOf<MigrationPolicy>(),
  namespaces: cacheOf(),
};

let server: Server;
let asked: number;

beforeEach(async () => {
  asked = 0;
  const silent = (): Promise<never> => {
    asked += 1;
    return new Promise(() => undefined);
  };
  const clock = new FakeClock(testTime);
  const events = { record: () => undefined, flush: () => Promise.resolve() };
  const api = { create: silent, delete: silent };
  const policyOf = policiesFrom(known);
  const surroundingsOf = surroundingsFrom(known);
  const app = createAdmissionApp({
    ...{ pods: cacheOf(pods), migrations: known.migrations, policyOf, events, clock, log: silentLog },
    emptyingFactsOf: (node) => ({ node, pods: [], migrations: [] }),
    respondsToEvictions: () => false,
    findingsOf: (pod) =>
      findingsOf({
        pod,
        sourceNode: known.migrationNodes.get({ name: pod.spec.nodeName ?? '' }),
        policy: policyOf(pod),
        now: clock.now(),
        ...surroundingsOf(pod),
      }),
    evacuations: new Evacuations({ api, events, clock, log: silentLog }),
  });
  server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const codeFor = async ({ metadata: { namespace, name } }: Pod): Promise<number | undefined> => {
  const object = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { namespace, name } };
  const request = { uid: name, namespace, name, object };
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/admission/eviction`, {
    method: 'POST',
    body: JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request }),
  });
  const { response: answer } = (await response.json()) as { response: { uid: string; status?: { code: number } } };
  expect(answer.uid).toBe(name);
  return answer.status?.code;
};

it('evictions among 5,000 pods, 32 at a time, are all answered while the API server says nothing', async () => {
  const left = pods.slice(0, 500).values();
  const codes = new Set<number | undefined>();
  const lane = async (): Promise<void> => {
    for (const pod of left) codes.add(await codeFor(pod));
  };
  await Promise.all(numbered(32, lane));
  expect(codes).toEqual(new Set([429]));
  // The first of those that are made behind the answers; the others wait for them.
  expect(asked).toBe(8);
});
