import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { startingOn } from '../cluster/nodes.ts';
import { deployRedis, type PodView } from '../cluster/redis.ts';
import { connectToWebhook, controllerPods } from '../cluster/webhook.ts';

const namespace = 'e2e-webhook-latency';
const out = join(import.meta.dirname, '..', '..', 'out');

interface Latency {
  readonly connections: number;
  readonly requests: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

let pod: PodView;
const found: Latency[] = [];

const at = (sorted: readonly number[], share: number): number => sorted[Math.ceil(sorted.length * share) - 1]!;

/** So many connections, each with one request after the other. */
const measure = async (connections: number, warmUp: number, requests: number): Promise<Latency> => {
  const [controller] = await controllerPods();
  const client = await connectToWebhook(controller!, connections);
  const lane = async (count: number, took: number[]): Promise<void> => {
    for (let i = 0; i < count; i += 1) {
      const { allowed, ms } = await client.evict(pod);
      expect(allowed).toBe(true);
      took.push(ms);
    }
  };
  const lanes = async (count: number): Promise<readonly number[]> => {
    const took: number[] = [];
    await Promise.all(Array.from({ length: connections }, () => lane(count / connections, took)));
    return took.toSorted((a, b) => a - b);
  };
  try {
    await lanes(warmUp);
    const took = await lanes(requests);
    const latency = {
      connections,
      requests: took.length,
      p50Ms: at(took, 0.5),
      p99Ms: at(took, 0.99),
      maxMs: at(took, 1),
    };
    found.push(latency);
    return latency;
  } finally {
    client.close();
  }
};

beforeAll(async () => {
  await freshNamespace(namespace);
  const spec = { affinity: startingOn('n2') };
  pod = (await deployRedis({ namespace, name: 'ordinary-redis', startOn: 'n2', optIn: false, spec }, [])).pod;
});

afterAll(async () => {
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'webhook-latency.json'), `${JSON.stringify(found, null, 2)}\n`);
  await removeNamespace(namespace);
});

describe('the eviction of a pod that did not opt in is allowed', () => {
  it('in under 5 ms, one at a time, half of all times at least', async () => {
    const { p50Ms } = await measure(1, 200, 500);
    expect(p50Ms).toBeLessThan(5);
  });
});
