import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployPod } from '../cluster/deployment.ts';
import { kubectl } from '../cluster/kubectl.ts';
import { expectSuccess, overMove, requestMove, timingsOf } from '../cluster/migrations.ts';
import { removeNamespace } from '../cluster/namespaces.ts';
import { type PodView, readyPod } from '../cluster/redis.ts';

/*
 * The freeze is to depend on what has changed, not on what there is. Pods that
 * differ in their files alone make the same moves in turn, and of several moves
 * of one the shortest times count: everything else that the machine does makes
 * them longer, and none shorter. Each way the time is compared for which the
 * freeze waits for files when CRIU has ended (transferMs).
 */

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

const checksum = 'find /data -type f | LC_ALL=C sort | xargs cat | sha256sum';
const makers = {
  'no files': 'true',
  '2 GiB': 'for i in 1 2 3 4 5 6 7 8; do head -c 268435456 /dev/urandom >/data/$i; done',
  '20,000 files': 'for d in $(seq 20); do mkdir /data/$d; (cd /data/$d; seq 1000 | xargs touch); done',
};
type Files = keyof typeof makers;
const all = Object.keys(makers) as Files[];

interface Moved {
  readonly namespace: string;
  pod: PodView;
  sum: string;
  /** The shortest, in milliseconds: of all moves, and of those to each node. */
  freezeMs: number;
  readonly transferMs: Record<'n1' | 'n3', number>;
}

const pods = new Map<Files, Moved>();

const inside = ({ namespace, pod }: Pick<Moved, 'namespace' | 'pod'>, script: string): Promise<string> =>
  kubectl('exec', '-n', namespace, pod.metadata.name, '--', 'sh', '-ec', script);

beforeAll(async () => {
  for (const [index, files] of all.entries()) {
    const namespace = `e2e-unchanged-${String(index)}`;
    const volumes = [{ name: 'data', emptyDir: {} }];
    const pod = await deployPod({ namespace, name, nodes: ['n1', 'n3'] }, { containers: [container], volumes });
    await inside({ namespace, pod }, makers[files]);
    const sum = await inside({ namespace, pod }, checksum);
    pods.set(files, { namespace, pod, sum, freezeMs: Infinity, transferMs: { n1: Infinity, n3: Infinity } });
  }
});

afterAll(async () => {
  for (const { namespace } of pods.values()) await removeNamespace(namespace);
});

const move = async (moved: Moved, to: 'n1' | 'n3', number: number): Promise<void> => {
  const { namespace, pod } = moved;
  const migration = `move-${String(number)}`;
  await requestMove(namespace, migration, { podName: pod.metadata.name, targetNodeName: to });
  expectSuccess(await overMove(namespace, migration));
  moved.pod = await readyPod({ namespace, name }, to);
  const timings = await timingsOf(namespace, migration);
  moved.freezeMs = Math.min(moved.freezeMs, timings['freezeMs'] ?? NaN);
  moved.transferMs[to] = Math.min(moved.transferMs[to], timings['transferMs'] ?? NaN);
};

describe('files that nobody changes', () => {
  it('go along', async () => {
    for (const [number, to] of route.entries()) for (const files of all) await move(pods.get(files)!, to, number);
    for (const files of all) expect(await inside(pods.get(files)!, checksum)).toBe(pods.get(files)!.sum);
    for (const files of all) {
      const { freezeMs, transferMs } = pods.get(files)!;
      console.log(
        `${files}: shortest freeze ${String(freezeMs)} ms, of it after the dump ${JSON.stringify(transferMs)}`,
      );
    }
  }, 300_000);

  it.each([
    { files: '2 GiB', most: 50 },
    // To look at each takes some microseconds, of which most pass while CRIU dumps.
    { files: '20,000 files', most: 250 },
  ] as const)('are waited for less than $most ms longer after the dump when they are $files', ({ files, most }) => {
    const [without, moved] = [pods.get('no files')!, pods.get(files)!];
    for (const to of ['n1', 'n3'] as const) expect(moved.transferMs[to] - without.transferMs[to]).toBeLessThan(most);
  });
});
