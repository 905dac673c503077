import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../lab/wait.ts';
import { answerSeconds } from '../../src/admission/eviction/table.ts';
import { type Answer, type Api, openApi } from '../cluster/api-as.ts';
import { atATime, evict, keyOf } from '../cluster/evictions.ts';
import { ghostPods, type GhostWithAgent, startGhostWithAgent } from '../cluster/ghost-pods.ts';
import { inspect, sharesOf } from '../cluster/inspection.ts';
import { migrationsIn } from '../cluster/migrations.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { startingOn } from '../cluster/nodes.ts';
import { deployRedis, type PodView } from '../cluster/redis.ts';
import { type Answered, connectToWebhook, leadingController } from '../cluster/webhook.ts';

const namespace = 'e2e-webhook-latency';
const out = join(import.meta.dirname, '..', '..', 'out');
const node = 'ghost-of-latency';
/** As many as a kubelet takes by default. */
const podsOfNode = 110;

interface Quantiles {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

interface Latency extends Quantiles {
  readonly what: string;
  readonly atATime: number;
  readonly requests: number;
  /** Of this the webhook's own: from when the request is sent until the answer is written. */
  readonly ofWebhook?: Quantiles;
  /** That without the time for which the client, the API server and all others had the two processors of this machine. */
  readonly ofWebhookAlone?: Quantiles;
  /** What the controller used of the processors for one request, with all else that it did meanwhile. */
  readonly cpuMsPerRequest?: number;
}

const found: Latency[] = [];

const quantiles = (took: readonly number[]): Quantiles => {
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
  return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
};

/** So many from these pods, one after the other and again from the first on. */
const turns = (pods: readonly PodView[], count: number): readonly PodView[] =>
  Array.from({ length: count }, (_, i) => pods[i % pods.length]!);

interface Load {
  readonly what: string;
  readonly pods: readonly PodView[];
  readonly width: number;
  readonly warmUp: number;
  readonly requests: number;
}

/** Asks the controller that leads as the API server does. Every answer has to be as expected, those of the warm-up too. */
const measure = async ({ what, pods, width, warmUp, requests }: Load, expected: object): Promise<Required<Latency>> => {
  const controller = await leadingController();
  const client = await connectToWebhook(controller, width);
  const ask = async (pod: PodView): Promise<Answered> => {
    const answered = await client.evict(pod);
    expect(answered).toMatchObject(expected);
    return answered;
  };
  try {
    await atATime(width, turns(pods, warmUp), ask);
    await using inspection = await inspect(controller);
    const answers = await atATime(width, turns(pods, requests), ask);
    const findings = await inspection.end();
    const shares = sharesOf(answers, findings);
    const latency = {
      ...{ what, atATime: width, requests },
      ...quantiles(answers.map(({ sentMs, gotMs }) => gotMs - sentMs)),
      ofWebhook: quantiles(shares.map(({ ms }) => ms)),
      ofWebhookAlone: quantiles(shares.map(({ aloneMs }) => aloneMs)),
      cpuMsPerRequest: findings.cpuMs / requests,
    };
    found.push(latency);
    return latency;
  } finally {
    client.close();
  }
};

beforeAll(() => freshNamespace(namespace));

afterAll(async () => {
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'webhook-latency.json'), `${JSON.stringify(found, null, 2)}\n`);
  await removeNamespace(namespace);
});

describe('the eviction of a pod that did not opt in is allowed', () => {
  it('in under 5 ms, one at a time, half of all times at least', async () => {
    const spec = { affinity: startingOn('n2') };
    const { pod } = await deployRedis({ namespace, name: 'ordinary-redis', startOn: 'n2', optIn: false, spec }, []);
    const load = { what: 'not opted in', pods: [pod], width: 1, warmUp: 200, requests: 500 };
    const { p50Ms } = await measure(load, { allowed: true });
    expect(p50Ms).toBeLessThan(5);
  });
});

describe(`the evictions of ${String(podsOfNode)} pods that opted in`, () => {
  let api: Api;
  let ghost: GhostWithAgent;
  let pods: readonly PodView[];

  beforeAll(async () => {
    api = await openApi();
    ghost = await startGhostWithAgent(api, node, 'n1');
    pods = await ghostPods(api, { namespace, name: 'movable', node, count: podsOfNode });
  });

  beforeEach(() => ghost.beat());

  afterAll(async () => {
    await ghost[Symbol.asyncDispose]();
    await api[Symbol.asyncDispose]();
  });

  const width = 32;

  it('see no answer of the API server but 429, and become one Migration each', async () => {
    const timed = async (pod: PodView): Promise<{ readonly answer: Answer; readonly ms: number }> => {
      const begun = performance.now();
      return { answer: await evict(api, keyOf(pod)), ms: performance.now() - begun };
    };
    const all = [...(await atATime(width, pods, timed)), ...(await atATime(width, pods, timed))];
    const others = all.filter(({ answer: { code, message } }) => !(code === 429 && message.includes('triggered')));
    expect(others).toEqual([]);
    const took = quantiles(all.map(({ ms }) => ms));
    found.push({ what: 'opted in, through the API server', atATime: width, requests: all.length, ...took });
    const wanted = pods.map(({ metadata }) => metadata.name).toSorted();
    await until({ what: 'the last Migrations to be made', timeoutMs: 10_000 }, async () => {
      const moved = (await migrationsIn(namespace)).map(({ spec }) => spec.podName).toSorted();
      return isDeepStrictEqual(moved, wanted) ? true : undefined;
    });
  });

  it(`are answered from memory in under 50 ms, ${String(width)} at a time, 99 of 100, while their moves wait`, async () => {
    const load = { what: 'opted in', pods, width, warmUp: 320, requests: 2_000 };
    const { ofWebhookAlone, maxMs } = await measure(load, { allowed: false, code: 429 });
    expect(ofWebhookAlone.p99Ms).toBeLessThan(50);
    expect(maxMs).toBeLessThan(answerSeconds * 1000);
  });
});
