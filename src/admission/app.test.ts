import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Migration } from '../api/migration.ts';
import type { Pod } from '../api/pod.ts';
import { migrations } from '../api/resource.ts';
import { FakeClock } from '../clock/fake-clock.ts';
import { migrationsAboutFrom } from '../controller/migrations-about.ts';
import type { EventRecorder } from '../kube/events.ts';
import { FakeApi } from '../kube/fake-api.ts';
import { lookupOf } from '../kube/fake-lookup.ts';
import type { Lookup } from '../kube/lookup.ts';
import { builtIn } from '../migration/policy/policy.ts';
import { silentLog } from '../log/log.ts';
import { noTracer } from '../trace/tracer.ts';
import { createAdmissionApp } from './app.ts';
import { Evacuations } from './eviction/evacuations.ts';
import { migrationWith, podWith } from '../api/pod-fixture.ts';

interface Given {
  readonly pods?: Lookup<Pod>;
  readonly migrations?: Migration[];
  readonly unmovable?: boolean;
  readonly respondsToEvictions?: boolean;
}

let api: FakeApi;
let told: string[];
let evacuations: Evacuations;
let server: Server;

const serve = async ({
  pods = lookupOf(podWith()),
  migrations: known = [],
  unmovable = false,
  respondsToEvictions = false,
}: Given = {}): Promise<void> => {
  const clock = new FakeClock();
  const events: EventRecorder = {
    record: ({ kind, name }, type, reason) => told.push(`${type} ${reason} ${kind} ${name}`),
    flush: () => Promise.resolve(),
  };
  evacuations = new Evacuations({ api, events, clock, tracer: noTracer, log: silentLog });
  const app = createAdmissionApp({
    pods,
    nodes: lookupOf(),
    migrationsAbout: migrationsAboutFrom({ items: () => known, onChange: () => undefined }),
    policyOf: () => ({ name: 'default', spec: { ...builtIn.spec, deadlineSeconds: 900 } }),
    emptyingFactsOf: (node) => ({
      node,
      pods: pods.items().map((pod) => ({ pod, policy: builtIn, findings: [] })),
      migrations: known,
    }),
    findingsOf: () => (unmovable ? [{ reason: 'HostPortUsed', message: 'port 80' }] : []),
    evacuations,
    events,
    clock,
    respondsToEvictions: () => respondsToEvictions,
    tracer: noTracer,
    log: silentLog,
  });
  server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
};

const post = (path: string, body: string): Promise<Response> =>
  fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body,
  });

const reviewText = (object: object, request: object = {}): string =>
  JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: 'r1', namespace: 'shop', name: 'redis-1', object, ...request },
  });

const answerOf = async (path: string, body: string): Promise<unknown> => {
  const response = await post(path, body);
  expect(response.status).toBe(200);
  return ((await response.json()) as { response: unknown }).response;
};

const eviction = (fields: object = {}): object => ({
  apiVersion: 'policy/v1',
  kind: 'Eviction',
  metadata: { name: 'redis-1', namespace: 'shop' },
  ...fields,
});

beforeEach(() => {
  api = new FakeApi();
  told = [];
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const denied = {
  uid: 'r1',
  allowed: false,
  status: {
    status: 'Failure',
    code: 429,
    reason: 'TooManyRequests',
    message: 'Eviction triggered evacuation of pod shop/redis-1: Migration shop/redis-1-uid1 (Pending)',
  },
};

describe('the eviction of a pod that can move', () => {
  it.each(['policy/v1', 'policy/v1beta1'])('by %s is turned into a Migration', async (apiVersion) => {
    await serve();
    expect(await answerOf('/admission/eviction', reviewText(eviction({ apiVersion })))).toEqual(denied);
    await evacuations.settled();
    const made = await api.get(migrations, { namespace: 'shop', name: 'redis-1-uid1' });
    expect(made.spec).toMatchObject({ podName: 'redis-1', podUID: 'uid-1', trigger: 'Eviction', deadlineSeconds: 900 });
  });

  it('is answered before the API server has said anything of the Migration', async () => {
    api.create = () => new Promise(() => undefined);
    await serve();
    expect(await answerOf('/admission/eviction', reviewText(eviction()))).toEqual(denied);
  });

  const dryRuns: [string, object, object][] = [
    ['the request', {}, { dryRun: true }],
    ['the options of the request', {}, { options: { dryRun: ['All'] } }],
    ['the delete options', { deleteOptions: { dryRun: ['All'] } }, {}],
  ];
  it.each(dryRuns)('as a dry run by %s does nothing', async (_case, fields, request) => {
    await serve();
    expect(await answerOf('/admission/eviction', reviewText(eviction(fields), request))).toEqual({
      uid: 'r1',
      allowed: true,
    });
    await evacuations.settled();
    expect([api.requests, told]).toEqual([[], []]);
  });
});

it('an opted-in pod that cannot move is evicted, and that is said on the pod and to the caller', async () => {
  await serve({ unmovable: true });
  expect(await answerOf('/admission/eviction', reviewText(eviction()))).toEqual({
    uid: 'r1',
    allowed: true,
    warnings: [
      'Pod shop/redis-1 opted in to be moved but its eviction was allowed, so it starts anew: HostPortUsed: port 80',
    ],
  });
  expect(told).toEqual(['Warning EvictionAllowed Pod redis-1']);
});

it('Migrations of other namespaces do not count', async () => {
  await serve({ migrations: [migrationWith({ metadata: { namespace: 'other' }, status: { phase: 'Failed' } })] });
  expect(await answerOf('/admission/eviction', reviewText(eviction()))).toEqual(denied);
});

it('what is no eviction passes', async () => {
  await serve();
  expect(await answerOf('/admission/eviction', reviewText({ apiVersion: 'v1', kind: 'Pod' }))).toEqual({
    uid: 'r1',
    allowed: true,
  });
});

it('a fault of ours lets the request pass, with a warning', async () => {
  const broken: Lookup<Pod> = {
    get: () => {
      throw new Error('broken');
    },
    items: () => [],
  };
  await serve({ pods: broken });
  expect(await answerOf('/admission/eviction', reviewText(eviction()))).toEqual({
    uid: 'r1',
    allowed: true,
    warnings: ['Transship could not look at this request and let it pass; its log says why'],
  });
});

describe('a pod that is being created', () => {
  const goDebug = { op: 'add', path: '/spec/containers/0/env', value: [{ name: 'GODEBUG', value: 'multipathtcp=0' }] };
  const responder = {
    op: 'add',
    path: '/spec/evictionResponders',
    value: [{ name: 'transship.dev/responder', priority: 20_000 }],
  };

  it.each([
    ['when it opts in', false, [goDebug]],
    ['and names us as a responder where we respond to eviction requests', true, [goDebug, responder]],
  ])('gets a JSON patch %s', async (_when, respondsToEvictions, patch) => {
    await serve({ respondsToEvictions });
    const pod = {
      metadata: { generateName: 'a-', annotations: { 'transship.dev/migrate': 'true' } },
      spec: {
        runtimeClassName: 'transship',
        securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
        containers: [{ name: 'a' }],
      },
    };
    expect(await answerOf('/admission/pods', reviewText(pod))).toEqual({
      uid: 'r1',
      allowed: true,
      patchType: 'JSONPatch',
      patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
    });
  });

  it('passes when it cannot be read', async () => {
    await serve();
    expect(await answerOf('/admission/pods', reviewText({ spec: 'none' }))).toEqual({ uid: 'r1', allowed: true });
  });
});

describe('a node that is cordoned', () => {
  const nodeWith = (unschedulable: boolean, metadata: object = {}) => ({
    metadata: { name: 'w1', uid: 'w1', resourceVersion: '1', ...metadata },
    spec: { unschedulable },
  });
  const cordoning = (request: object = {}): string =>
    reviewText(nodeWith(true), { name: 'w1', oldObject: nodeWith(false), ...request });

  it('is told which pods start to move, and the API server is asked for nothing', async () => {
    await serve();
    expect(await answerOf('/admission/nodes', cordoning())).toEqual({
      uid: 'r1',
      allowed: true,
      warnings: ['1 pod of node w1 starts to move: shop/redis-1'],
    });
    expect(api.requests).toEqual([]);
  });

  it('is told which would, when it is only tried out', async () => {
    await serve();
    expect(await answerOf('/admission/nodes', cordoning({ dryRun: true }))).toMatchObject({
      warnings: ['1 pod of node w1 would start to move: shop/redis-1'],
    });
  });

  it.each<[string, string]>([
    ['it is opened', cordoning({ object: nodeWith(false), oldObject: nodeWith(true) })],
    ['it is new', cordoning({ oldObject: null })],
    ['it cannot be read', cordoning({ object: nodeWith(true, { name: 1 }) })],
  ])('is allowed in silence when %s', async (_when, review) => {
    await serve();
    expect(await answerOf('/admission/nodes', review)).toEqual({ uid: 'r1', allowed: true });
  });
});

describe('a malformed review is refused with what is wrong about it', () => {
  const cases: [string, string, number, string][] = [
    ['no JSON', '{', 400, 'cannot read the admission review: '],
    [
      'another kind',
      '{"apiVersion":"v1","kind":"Pod"}',
      400,
      'not an AdmissionReview of admission.k8s.io/v1: apiVersion: ',
    ],
    ['no request', '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}', 400, 'request: Invalid input'],
    [
      'more than 6 MiB',
      `"${'x'.repeat(6 * 1024 * 1024)}"`,
      413,
      'cannot read the admission review: request entity too large',
    ],
  ];
  it.each(cases)('%s', async (_case, body, status, message) => {
    await serve();
    const response = await post('/admission/eviction', body);
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(message);
  });
});
