import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadExampleImages } from '../../lab/images/examples.ts';
import { expectSuccess, migrationNamed, overMove, requestMove } from '../cluster/migrations.ts';
import { removeNamespace } from '../cluster/namespaces.ts';
import { runtimeOf } from '../cluster/nodes.ts';
import { type PodView, readyPod } from '../cluster/redis.ts';
import { all } from '../examples/all.ts';
import { deployExample, startAnew } from '../examples/deploy.ts';
import type { Load } from '../examples/example.ts';
import { type Leg, type Row, rowsOf, tableOf } from '../examples/rows.ts';

/*
 * The applications of examples/, each with real clients that go on asking while
 * its pod makes one move after the other: one from each runtime to each.
 */

const out = join(import.meta.dirname, '..', '..', 'out');
const first = 'n1';
const route = ['n3', 'n4', 'n2', first] as const;
const legsOfRoute = route.map((to, index) => {
  const from = route[index - 1] ?? first;
  return { pair: `${runtimeOf(from)}→${runtimeOf(to)}`, to };
});

/** So long the clients go on after a move, in which what it has done to them shows. */
const restMs = 2_000;
/**
 * So much longer than the pod stands still a client may wait. It tells packets that wait from packets that are lost: who
 * has to repeat itself into a frozen pod doubles its patience each time (RFC 6298).
 */
const patienceMs = 2_000;
/** An image is built once on a machine. */
const imagesMs = 300_000;

const rows: Row[] = [];

beforeAll(loadExampleImages, imagesMs);

afterAll(async () => {
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'workloads.json'), `${JSON.stringify({ rows }, null, 2)}\n`);
  console.log(`${tableOf(rows)}\n`);
});

describe.each(all)('$name under load', (example) => {
  const { name } = example;
  const namespace = `e2e-${name}`;
  const legs: Leg[] = [];
  const freezesMs: number[] = [];
  let pod: PodView;
  let load: Load<unknown>;

  beforeAll(async () => {
    pod = await deployExample(name, namespace, first);
    load = await example.load(pod);
  });

  afterAll(async () => {
    await load[Symbol.asyncDispose]();
    await removeNamespace(namespace);
  });

  it.each(legsOfRoute)('moves from $pair', async ({ pair, to }) => {
    const from = legs.at(-1)?.to ?? Date.now();
    const { name: podName, uid: podUID } = pod.metadata;
    await requestMove(namespace, `to-${to}`, { podName, podUID, targetNodeName: to });
    expectSuccess(await overMove(namespace, `to-${to}`));
    pod = await readyPod({ namespace, name }, to);
    await sleep(restMs);
    legs.push({ pair, from, to: Date.now() });
    // They arrive a moment after the end of the move.
    const { timings } = (await migrationNamed(namespace, `to-${to}`)).status ?? {};
    freezesMs.push(timings?.['freezeMs'] ?? Number.NaN);
  });

  it('fails no request, gives no wrong answer, breaks no connection, and has what its clients were told', async () => {
    const { heard, told } = await load.end();
    const differences = [...(await example.differences(pod, told))];
    if (example.kill !== undefined) {
      await startAnew(pod, example.kill);
      const anew = await example.differences(pod, told);
      differences.push(...anew.map((difference) => `started anew: ${difference}`));
    }
    const own = rowsOf(name, legs, heard, differences.length);
    rows.push(...own);
    expect(differences).toEqual([]);
    expect(own.map(({ pair }) => pair)).toEqual(legsOfRoute.map(({ pair }) => pair));
    for (const [index, row] of own.entries()) {
      expect(row).toMatchObject({ failed: 0, wrong: 0, broken: 0 });
      expect(row.requests).toBeGreaterThan(0);
      expect(row.longestGapMs).toBeLessThan(freezesMs[index]! + patienceMs);
    }
  });
});
