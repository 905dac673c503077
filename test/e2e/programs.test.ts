import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CounterClient, startCounter } from '../cluster/counter-client.ts';
import { kubectl } from '../cluster/kubectl.ts';
import { expectSuccess, finishedMove } from '../cluster/migrations.ts';
import { removeNamespace } from '../cluster/namespaces.ts';
import { drainOf } from '../cluster/nodes.ts';
import { deployProgram, programState } from '../cluster/program.ts';
import { type PodView, readyPod } from '../cluster/redis.ts';

const namespace = 'e2e-programs';
const name = 'node-program';

let pod: PodView;
let client: CounterClient;

beforeAll(async () => {
  pod = await deployProgram({ namespace, name, nodes: ['n1', 'n3'] });
  client = await startCounter('n0', { host: pod.status.podIP ?? '', port: 6379 }, 'any');
});

/** What `kubectl logs` shows, line by line. */
const saidBy = async ({ metadata }: PodView): Promise<readonly string[]> =>
  (await kubectl('logs', '-n', namespace, metadata.name)).trim().split('\n');

afterAll(async () => {
  await client.close();
  await removeNamespace(namespace);
});

describe('a Node.js program that does not run as root', () => {
  it.each([
    ['from containerd to Docker', 'n1', 'n3'],
    ['from Docker to containerd', 'n3', 'n1'],
  ])('moves %s with its connection, its memory, its files and its log', async (_route, from, to) => {
    const before = await programState(namespace, pod.metadata.name);
    const saidBefore = await saidBy(pod);
    await client.lap();
    const { code } = await drainOf(name, from);
    expect(code).toBe(0);
    expectSuccess(await finishedMove(namespace, pod.metadata.name));
    pod = await readyPod({ namespace, name }, to);
    const lap = await client.lap();
    expect(lap).toMatchObject({ connected: true, jumps: 0 });
    expect(lap.answers).toBeGreaterThan(0);
    const { log, ...after } = await programState(namespace, pod.metadata.name);
    expect(after).toEqual({
      word: before.word,
      files: { own: before.word, volume: before.word },
      user: '1000',
    });
    expect(log.length).toBeGreaterThan(before.log.length);
    expect(log.startsWith(before.log)).toBe(true);
    const said = await saidBy(pod);
    expect(saidBefore[0]).toBe(`the word is ${before.word}`);
    expect(said.slice(0, saidBefore.length)).toEqual(saidBefore);
    // What it said while it moved is there, too, in its order.
    expect(said.slice(1)).toEqual(said.slice(1).map((_line, i) => `counted to ${String((i + 1) * 100)}`));
  });
});
