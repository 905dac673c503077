import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whileCacheIsOurs } from '../../lab/cache/lock.ts';
import { keeper, loadKeeper } from '../../lab/images/keeper.ts';
import { until } from '../../lab/wait.ts';
import { apply, kubectl } from '../cluster/kubectl.ts';
import { expectSuccess, migrationNamed, overMove, requestMove } from '../cluster/migrations.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { startingOn } from '../cluster/nodes.ts';
import { image, type PodView, podsOf, readyPod } from '../cluster/redis.ts';
import { claimSharedVolume, removeSharedVolumes, signalVolumeClients, storageLabel } from '../cluster/shared-volume.ts';

const namespace = 'e2e-shared-volume';
const claims = [
  { namespace, name: 'data', accessModes: ['ReadWriteMany'], isForSomeNodes: true },
  { namespace, name: 'reading', accessModes: ['ReadWriteMany'] },
  { namespace, name: 'once', accessModes: ['ReadWriteOnce'] },
  // As the StatefulSet of that name calls the claim of its pod.
  { namespace, name: 'data-member-0', accessModes: ['ReadWriteMany'] },
];
/** A folder of the volume for this run: of an earlier one something may be left. */
const run = `run-${String(Date.now())}`;

interface Program {
  readonly name: string;
  /** Undefined when it is the pod's own, of a StatefulSet. */
  readonly claim?: string;
  readonly locks?: readonly string[];
}

const ownClaim = {
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteMany'], storageClassName: '', resources: { requests: { storage: '1Gi' } } },
};

/** The keeper has its lines on a part of the volume, and its board on the whole. Its pod may run on every node. */
const startKeeper = async ({ name, claim, locks = [] }: Program): Promise<PodView> => {
  const folder = `${run}-${name}`;
  const container = {
    name: 'keeper',
    image: keeper.tag,
    imagePullPolicy: 'IfNotPresent',
    args: ['/part', `/whole/${folder}`, ...locks],
    volumeMounts: [
      { name: 'data', mountPath: '/part', subPath: folder },
      { name: 'data', mountPath: '/whole' },
      { name: 'own', mountPath: '/own' },
    ],
  };
  const template = {
    metadata: { labels: { app: name }, annotations: { 'transship.dev/migrate': 'true' } },
    spec: {
      terminationGracePeriodSeconds: 1,
      affinity: startingOn('n1', 'n2', 'n3', 'n4'),
      containers: [container],
      volumes: [
        ...(claim === undefined ? [] : [{ name: 'data', persistentVolumeClaim: { claimName: claim } }]),
        { name: 'own', emptyDir: {} },
      ],
    },
  };
  const spec = { selector: { matchLabels: { app: name } }, template };
  await apply({
    apiVersion: 'apps/v1',
    ...(claim === undefined
      ? { kind: 'StatefulSet', spec: { ...spec, serviceName: name, volumeClaimTemplates: [ownClaim] } }
      : { kind: 'Deployment', spec }),
    metadata: { name, namespace },
  });
  const pod = await readyPod({ namespace, name }, 'n1');
  await until(
    { what: `${name} to write`, timeoutMs: 20_000 },
    async () => (await saidBy(pod)).includes('ready') || undefined,
  );
  return pod;
};

const saidBy = ({ metadata }: PodView): Promise<string> => kubectl('logs', '-n', namespace, metadata.name);

const restartsOf = ({ status }: PodView): number | undefined => status.containerStatuses?.[0]?.restartCount;

/** Of another pod, on a node on which nothing of this is written. */
const readElsewhere = (folder: string, file: string): Promise<string> =>
  kubectl('exec', '-n', namespace, 'reader', '--', 'cat', `/data/${folder}/${file}`);

/** The numbers of the lines; one that is not as it was written is NaN. */
const numbersIn = (lines: string): readonly number[] =>
  lines
    .slice(0, lines.lastIndexOf('\n'))
    .split('\n')
    .map((line) => {
      const [, number = '', rest = ''] = /^(\d{10}) (.*)$/.exec(line) ?? [];
      const expected = String.fromCharCode(97 + (Number(number) % 26)).repeat(188);
      return rest === expected ? Number(number) : Number.NaN;
    });

const linesOf = async (name: string): Promise<readonly number[]> =>
  numbersIn(await readElsewhere(`${run}-${name}`, 'lines'));

/** It looks at its files each time before it writes, and ends when they are not as it left them. */
const writesOn = async (name: string): Promise<void> => {
  const { length } = await linesOf(name);
  await until({ what: `${name} to write on`, timeoutMs: 10_000 }, async () => {
    const now = await linesOf(name);
    return now.length > length || undefined;
  });
};

const startReader = async (): Promise<void> => {
  await apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'reader', namespace, labels: { app: 'reader' } },
    spec: {
      nodeName: 'n2',
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'reader',
          image,
          imagePullPolicy: 'IfNotPresent',
          command: ['sleep', '3600'],
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        },
      ],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'reading' } }],
    },
  });
  await readyPod({ namespace, name: 'reader' }, 'n2');
};

beforeAll(async () => {
  await whileCacheIsOurs(loadKeeper);
  await freshNamespace(namespace);
  await removeSharedVolumes(...claims);
  await kubectl('label', 'node', 'n1', 'n3', `${storageLabel}=`, '--overwrite');
  for (const claim of claims) await claimSharedVolume(claim);
  await startReader();
});

afterAll(async () => {
  await kubectl('exec', '-n', namespace, 'reader', '--', 'sh', '-c', `rm -rf /data/${run}-*`);
  await removeNamespace(namespace);
  await removeSharedVolumes(...claims);
  await kubectl('label', 'node', 'n1', 'n3', `${storageLabel}-`);
});

describe('a program that writes to a volume which several nodes mount', () => {
  const name = 'writer';
  let pod: PodView;

  beforeAll(async () => {
    // Locks of its own files go along; on the volume they are the server's.
    pod = await startKeeper({ name, claim: 'data', locks: ['-p', '/own/posix', '-f', '/own/flock'] });
  });

  it.each([
    ['from containerd to Docker', 'n3'],
    ['from Docker to containerd', 'n1'],
  ])(
    'finds there all that it has written after a move %s, to the one other node that can mount it',
    async (_route, to) => {
      await requestMove(namespace, `to-${to}`, { podName: pod.metadata.name });
      const move = await overMove(namespace, `to-${to}`);
      expect(move.status).toMatchObject({ phase: 'Succeeded' });
      pod = await readyPod({ namespace, name }, to);
      await writesOn(name);
      expect(restartsOf(pod)).toBe(0);
      const numbers = await linesOf(name);
      expect(numbers).toEqual(numbers.map((_number, i) => i + 1));
    },
  );

  it('still has the locks on its own files', async () => {
    const heldOn = (file: string) =>
      kubectl('exec', '-n', namespace, pod.metadata.name, '--', '/keeper', 'held', `/own/${file}`);
    expect(await heldOn('posix')).toBe('posix\n');
    expect(await heldOn('flock')).toBe('flock\n');
  });

  it('runs on when the volume does not answer, and moves when it does again', async () => {
    const from = pod.spec.nodeName ?? '';
    const { name: podName, uid } = pod.metadata;
    await signalVolumeClients(from, uid, 'STOP');
    try {
      await requestMove(namespace, 'stalled', { podName });
      const first = await until({ what: 'the first attempt to be given up', timeoutMs: 60_000 }, async () => {
        const { status } = await migrationNamed(namespace, 'stalled');
        return status?.attempts?.[0];
      });
      expect(first.reason).toBe('VolumeNotFlushed');
    } finally {
      await signalVolumeClients(from, uid, 'CONT');
    }
    expectSuccess(await overMove(namespace, 'stalled'));
    pod = await readyPod({ namespace, name }, 'n3');
    expect(restartsOf(pod)).toBe(0);
  });
});

describe('a pod of a StatefulSet with a volume of its own', () => {
  it('finds there all that it has written after a move', async () => {
    const name = 'member';
    const { metadata } = await startKeeper({ name });
    await requestMove(namespace, name, { podName: metadata.name, targetNodeName: 'n3' });
    expectSuccess(await overMove(namespace, name));
    const pod = await readyPod({ namespace, name }, 'n3');
    await writesOn(name);
    expect(restartsOf(pod)).toBe(0);
  });
});

describe('a program that cannot go along with its volume', () => {
  const onServer: Program = { name: 'locker', claim: 'data', locks: ['-p', '/part/lock'] };
  const forOneNode: Program = { name: 'single', claim: 'once' };
  it.each([
    { because: 'the server of the volume keeps a lock for it', program: onServer, reason: 'VolumeLockHeld' },
    { because: 'one node at a time may mount it', program: forOneNode, reason: 'VolumeReadWriteOnce' },
  ])('runs on where it is, because $because', async ({ program, reason }) => {
    const { name } = program;
    const { metadata } = await startKeeper(program);
    await requestMove(namespace, name, { podName: metadata.name });
    const move = await overMove(namespace, name);
    expect(move.status).toMatchObject({ phase: 'Failed', reason });
    const [after] = await podsOf({ namespace, name });
    expect(after?.metadata.uid).toBe(metadata.uid);
    expect(after && restartsOf(after)).toBe(0);
  });
});
