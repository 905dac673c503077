import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployPod } from '../cluster/deployment.ts';
import { timingsOf } from '../cluster/migrations.ts';
import { movedTo } from '../cluster/moved.ts';
import { removeNamespace } from '../cluster/namespaces.ts';
import type { PodView } from '../cluster/redis.ts';

/*
 * Pods that differ in the number of their containers alone make the same moves
 * in turn. Of the moves of one the shortest counts: everything else that the
 * machine does makes them longer, and none shorter.
 */

const counts = [1, 4] as const;
const further = counts[1] - counts[0];
const rounds = [
  ['n1', 'n3'],
  ['n1', 'n3'],
] as const;
/** For each, where a pod of one container stands still for as long as is usual; on a slower machine, accordingly more. */
const mostMs = 200;
const usualMs = 300;

const containerOf = (number: number) => ({
  name: `container-${String(number)}`,
  image: 'docker.io/local/node:1',
  imagePullPolicy: 'IfNotPresent',
  command: ['node', '-e', `require('node:net').createServer().listen(${String(8080 + number)})`],
  readinessProbe: { tcpSocket: { port: 8080 + number }, periodSeconds: 1 },
});

const name = 'keeper';
const namespaceOf = (count: number): string => `e2e-containers-${String(count)}`;
const pods = new Map<number, PodView>();
const shortestMs = new Map<number, number>();

beforeAll(async () => {
  for (const count of counts) {
    const containers = Array.from({ length: count }, (_, number) => containerOf(number));
    pods.set(
      count,
      await deployPod({ namespace: namespaceOf(count), name, nodes: ['n2', 'n1', 'n3'] }, { containers }),
    );
  }
});

afterAll(async () => {
  for (const count of counts) await removeNamespace(namespaceOf(count));
});

describe(`${String(further)} further containers`, () => {
  it(`make the freeze at most ${String(mostMs)} ms longer for each of them`, async () => {
    for (const [index, route] of rounds.entries())
      for (const to of route) {
        for (const count of counts) {
          const namespace = namespaceOf(count);
          pods.set(count, await movedTo(pods.get(count)!, name, to, `${String(index)}-to-${to}`));
          const { freezeMs = Number.NaN } = await timingsOf(namespace, `${String(index)}-to-${to}`);
          shortestMs.set(count, Math.min(shortestMs.get(count) ?? Infinity, freezeMs));
        }
      }
    console.log(counts.map((count) => `${String(count)}: ${String(shortestMs.get(count))} ms`).join(', '));
    const [alone = Number.NaN, together = Number.NaN] = counts.map((count) => shortestMs.get(count));
    expect((together - alone) / further).toBeLessThan(mostMs * Math.max(1, alone / usualMs));
  }, 180_000);
});
