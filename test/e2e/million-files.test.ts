import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiVersion } from '../../src/api/group.ts';
import { deployPod } from '../cluster/deployment.ts';
import { apply, kubectl, tryKubectl } from '../cluster/kubectl.ts';
import { expectSuccess, type MigrationView, overMove, requestMove } from '../cluster/migrations.ts';
import { clearNamespace } from '../cluster/namespaces.ts';
import { type PodView, readyPod } from '../cluster/redis.ts';

/*
 * A million files in one volume: which of them have changed only a look at each
 * tells, also in the freeze.
 */

const namespace = 'e2e-million-files';
const name = 'hoarder';
const folders = 1_000;
const filesOfFolder = 1_000;
const moveLimitMs = 600_000;
const makingMs = 300_000;

const maker = `
import os
for folder in range(${String(folders)}):
    path = '/data/%d' % folder
    os.makedirs(path)
    for number in range(${String(filesOfFolder)}):
        with open('%s/%d' % (path, number), 'w') as file: file.write('%d %d' % (folder, number))
`;

const container = {
  name,
  image: 'docker.io/local/node:1',
  imagePullPolicy: 'IfNotPresent',
  command: ['node', '-e', "require('node:net').createServer().listen(8080)"],
  readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
  volumeMounts: [{ name: 'data', mountPath: '/data' }],
};

let pod: PodView;
let files: string;

const inside = ({ metadata }: PodView, ...command: readonly string[]): Promise<string> =>
  kubectl('exec', '-n', namespace, metadata.name, '--', ...command);

/** How many there are, and what tells of all of them together. */
const filesOf = (of: PodView): Promise<string> => {
  const look = `cd /data && find . -type f | wc -l && find . -type f -printf '%P %s %m %U %n\\n' | LC_ALL=C sort | sha256sum &&
    cat [0-9]*/999 | sha256sum`;
  return inside(of, 'sh', '-ec', look);
};

const stayingFrozenFor = (maxFreezeSeconds: number): Promise<void> =>
  apply({
    apiVersion,
    kind: 'MigrationPolicy',
    metadata: { name },
    spec: { podSelector: { matchLabels: { app: name } }, retries: 0, maxFreezeSeconds },
  });

const moved = async (migration: string, targetNodeName: string): Promise<MigrationView> => {
  const { name: podName } = pod.metadata;
  await requestMove(namespace, migration, { podName, targetNodeName });
  return overMove(namespace, migration, moveLimitMs);
};

beforeAll(async () => {
  await stayingFrozenFor(1);
  const volumes = [{ name: 'data', emptyDir: {} }];
  pod = await deployPod({ namespace, name, nodes: ['n1', 'n3'] }, { containers: [container], volumes });
  await inside(pod, 'python3', '-c', maker);
  files = await filesOf(pod);
}, makingMs);

/** A kubelet deletes each of the files, which is not to slow down what is measured next. */
const clearingSeconds = 240;

afterAll(async () => {
  await tryKubectl('delete', 'migrationpolicy', name);
  await clearNamespace(namespace, clearingSeconds);
}, clearingSeconds * 1_000);

describe('a pod with a million files', () => {
  it('has them', () => {
    expect(files).toMatch(new RegExp(`^${String(folders * filesOfFolder)}\n`));
  });

  it(
    'is left where it is when it may not stand still for as long as it takes to look at them',
    async () => {
      const { status } = await moved('hasty', 'n3');
      expect(status).toMatchObject({ phase: 'Failed', reason: 'TooManyFiles' });
      expect(status?.message).toMatch(
        /the pod has 10\d\d\d\d\d files, to look through which takes \d+\.\d s, and it may stand still for 1 s/,
      );
      const { metadata } = await readyPod({ namespace, name }, 'n1');
      expect(metadata.uid).toBe(pod.metadata.uid);
    },
    moveLimitMs,
  );

  it(
    'takes all of them along when it may',
    async () => {
      await stayingFrozenFor(60);
      const move = await moved('patient', 'n3');
      expectSuccess(move);
      console.log(JSON.stringify(move.status?.timings));
      pod = await readyPod({ namespace, name }, 'n3');
      expect(await filesOf(pod)).toBe(files);
    },
    moveLimitMs,
  );
});
