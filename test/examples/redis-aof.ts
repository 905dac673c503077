import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PodView } from '../cluster/redis.ts';
import { image } from '../cluster/redis.ts';
import type { ToldByRedis } from '../workload/redis-counters.ts';
import { type ClientPod, startClientPod } from './client-pod.ts';
import type { Example, Load } from './example.ts';
import { inside } from './inside.ts';
import { startProgram } from './program-load.ts';
import type { Batch } from './rows.ts';

/*
 * Two kinds of clients: redis-benchmark, in one short run after the other, each
 * of which has to end well; and our own, which keep their connections all the
 * way and look at every number.
 */

const benchmarkKey = 'benchmark';
const connections = 4;
const requestsOfRun = 5_000;
const counters = 4;
const pauseMs = 5;
const beginLimitMs = 15_000;
const endLimitMs = 30_000;

/** The clients and the moves share two cores with the whole cluster: whoever moves goes first. */
const benchmark = (host: string): string => `
while [ ! -e /tmp/stop ]; do
  nice -n 19 redis-benchmark -h ${host} -c ${String(connections)} -n ${String(requestsOfRun)} --csv INCR ${benchmarkKey} 2>&1
  echo "ended $? $(date +%s%3N)"
done`;

/** `"INCR benchmark","rps","avg_latency_ms","min…","p50…","p95…","p99…","max_latency_ms"` */
const longestWaitIn = (line: string): number => Number(line.split(',').at(-1)?.replaceAll('"', ''));

/** Each run is one batch: it tells its sum and its longest wait. One that ends badly has told nothing but that. */
class Runs {
  readonly batches: Batch[] = [];
  #said: string[] = [];

  take(line: string): void {
    const [, code, at] = /^ended (\d+) (\d+)$/.exec(line) ?? [];
    if (code === undefined) {
      this.#said.push(line);
      return;
    }
    const isGood = code === '0';
    this.batches.push({
      ...{ at: Number(at), failed: 0, wrong: 0, broken: isGood ? 0 : 1 },
      requests: isGood ? requestsOfRun : 0,
      longestWaitMs: isGood ? longestWaitIn(this.#said.at(-1) ?? '') : 0,
    });
    if (!isGood) console.error(`redis-benchmark ended with ${code}: ${this.#said.join(' ')}`);
    this.#said = [];
  }
}

/** redis-benchmark waits for an answer for as long as it takes. */
const late = async (): Promise<never> => {
  await sleep(endLimitMs, undefined, { ref: false });
  throw new Error('redis-benchmark does not end: one of its connections has got no answer');
};

const startBenchmark = async (client: ClientPod, host: string): Promise<Load<ToldByRedis>> => {
  const runs = new Runs();
  const child = client.start(benchmark(host));
  const closed = once(child, 'close');
  const lines = createInterface({ input: child.stdout! }).on('line', (line) => runs.take(line));
  await once(lines, 'line', { signal: AbortSignal.timeout(beginLimitMs) });
  return {
    async end() {
      await client.run('touch /tmp/stop');
      await Promise.race([closed, late()]);
      const told = runs.batches.reduce((sum, { requests }) => sum + requests, 0);
      return { heard: runs.batches, told: { [benchmarkKey]: told } };
    },
    [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      return Promise.resolve();
    },
  };
};

export const redisAOF: Example<ToldByRedis> = {
  name: 'redis-aof',

  async load(pod) {
    const host = pod.status.podIP ?? '';
    await using stack = new AsyncDisposableStack();
    const client = await startClientPod(pod.metadata.namespace, image);
    const own = stack.use(
      await startProgram<ToldByRedis>('redis-counters.ts', { host, port: 6379 }, String(counters), String(pauseMs)),
    );
    const bench = stack.use(await startBenchmark(client, host));
    const both = stack.move();
    return {
      async end() {
        const [one, other] = await Promise.all([own.end(), bench.end()]);
        return { heard: [...one.heard, ...other.heard], told: { ...one.told, ...other.told } };
      },
      [Symbol.asyncDispose]: () => both.disposeAsync(),
    };
  },

  async differences(pod: PodView, told) {
    const keys = Object.keys(told);
    const values = (await inside(pod, `redis-cli MGET ${keys.join(' ')}`)).split('\n').map(Number);
    return keys.flatMap((key, index) =>
      values[index] === told[key]
        ? []
        : [`${key} was told to be ${String(told[key])}, and is ${String(values[index])}`],
    );
  },

  // Every write that was told is on the disk already: appendfsync always.
  kill: 'redis-cli SHUTDOWN NOSAVE NOW FORCE',
};
