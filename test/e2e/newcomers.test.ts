import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fromEachToEach, movedTo } from '../cluster/moved.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { startingOn } from '../cluster/nodes.ts';
import { deployRedis, type PodView } from '../cluster/redis.ts';
import { startTelling, type TellingProgram } from '../cluster/telling-program.ts';
import type { Arrivals } from '../workload/newcomers.ts';

/*
 * Clients that come while a pod is moved, many a second: one that the kernel has let in and the program has not is not in
 * an image of CRIU, and would wait for ever.
 */

const namespace = 'e2e-newcomers';
const name = 'redis';
const atOnce = '16';
const pauseMs = '5';
/** TCP asks again after a second (RFC 6298, 2.1), and comes then to a pod that is moved, or soon will be. */
const askAgainMs = 1_000;
const spareMs = 1_500;
/** Longer than a client waits for an answer. */
const restMs = 6_000;

let pod: PodView;
let newcomers: TellingProgram<Arrivals>;

beforeAll(async () => {
  await freshNamespace(namespace);
  const spec = { affinity: startingOn('n1', 'n2', 'n3', 'n4') };
  pod = (await deployRedis({ namespace, name, startOn: 'n1', spec }, [])).pod;
  newcomers = startTelling<Arrivals>('n0', 'newcomers.ts', pod.status.podIP ?? '', '6379', atOnce, pauseMs);
});

afterAll(async () => {
  await newcomers.close();
  await removeNamespace(namespace);
});

it.each(fromEachToEach)('none who comes while a pod is moved %s is sent away or forgotten', async (_route, to) => {
  await newcomers.ask();
  pod = await movedTo(pod, name, to);
  await sleep(restMs);
  const { answered, failed, longestWaitMs } = await newcomers.ask();
  expect(failed).toEqual([]);
  expect(answered).toBeGreaterThan(1_000);
  expect(longestWaitMs).toBeLessThan(askAgainMs + spareMs);
});
