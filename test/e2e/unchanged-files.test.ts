import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../lab/wait.ts';
import { deployPod } from '../cluster/deployment.ts';
import { kubectl } from '../cluster/kubectl.ts';
import { migrationNamed, overMove, requestMove } from '../cluster/migrations.ts';
import { removeNamespace } from '../cluster/namespaces.ts';
import { type PodView, readyPod } from '../cluster/redis.ts';

/*
 * The freeze is to depend on what has changed, not on what there is. Of several
 * moves the shortest freeze counts: everything else that the machine does makes
 * one longer, and none shorter.
 */

const namespace = 'e2e-unchanged-files';
const name = 'keeper';
const route = ['n3', 'n1', 'n3', 'n1'] as const;

const container = {
  name: 'keeper',
  image: 'docker.io/local/node:1',
  imagePullPolicy: 'IfNotPresent',
  command: ['node', '-e', "require('node:net').createServer().listen(8080)"],
  readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
  volumeMounts: [{ name: 'data', mountPath: '/data' }],
};

let pod: PodView;
let moves = 0;

beforeAll(async () => {
  pod = await deployPod(
    { namespace, name, nodes: ['n1', 'n3'] },
    { containers: [container], volumes: [{ name: 'data', emptyDir: {} }] },
  );
});

afterAll(() => removeNamespace(namespace));

const inside = (script: string): Promise<string> =>
  kubectl('exec', '-n', namespace, pod.metadata.name, '--', 'sh', '-ec', script);

const moveTo = async (to: string): Promise<number> => {
  moves += 1;
  const move = `move-${String(moves)}`;
  await requestMove(namespace, move, { podName: pod.metadata.name, targetNodeName: to });
  expect((await overMove(namespace, move)).status).toMatchObject({ phase: 'Succeeded' });
  pod = await readyPod({ namespace, name }, to);
  return until({ what: `the timings of ${move}`, timeoutMs: 10_000, everyMs: 100 }, async () => {
    const { status } = await migrationNamed(namespace, move);
    return status?.timings?.['freezeMs'];
  });
};

/** The shortest freeze of a move each way. */
const freezes = async (): Promise<Readonly<Record<'n1' | 'n3', number>>> => {
  const shortest = { n1: Infinity, n3: Infinity };
  for (const to of route) shortest[to] = Math.min(shortest[to], await moveTo(to));
  return shortest;
};

it('two gigabytes of files, and many small ones, that nobody changes make the freeze hardly longer', async () => {
  const without = await freezes();
  await inside('for i in 1 2 3 4 5 6 7 8; do head -c 268435456 /dev/urandom >/data/$i; done');
  const sum = await inside('cat /data/[1-8] | sha256sum');
  const large = await freezes();
  expect(await inside('cat /data/[1-8] | sha256sum')).toBe(sum);
  await inside('rm /data/*; for d in $(seq 1 50); do mkdir /data/$d; (cd /data/$d; seq 1 1000 | xargs touch); done');
  const many = await freezes();
  console.log(`freeze, in ms: ${JSON.stringify({ without, 'with 2 GiB': large, 'with 50,000 files': many })}`);
  for (const to of ['n1', 'n3'] as const) {
    expect(large[to] - without[to]).toBeLessThan(50);
    expect(many[to] - without[to]).toBeLessThan(250);
  }
}, 300_000);
