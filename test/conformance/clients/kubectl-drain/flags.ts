import { apply, kubectl, tryKubectl } from '../../../cluster/kubectl.ts';
import { image } from '../../../cluster/redis.ts';
import type { Case } from '../../case.ts';
import type { Scene } from '../../scene.ts';
import { movedClaims, redisContainer, redisOn, startedAnewClaims, type Subject } from '../../subject.ts';
import { drain, patiently } from '../../terminal.ts';

const bare = 'bare';

/** A pod without a controller. The first process of a container has no handler of SIGTERM, so only its grace period ends it. */
const bareOn = async ({ namespace, from }: Scene, terminationGracePeriodSeconds: number): Promise<void> => {
  await apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name: bare },
    spec: {
      nodeName: from,
      terminationGracePeriodSeconds,
      containers: [{ name: bare, image, imagePullPolicy: 'IfNotPresent', command: ['sleep', 'infinity'] }],
    },
  });
  await kubectl('wait', '-n', namespace, '--for=condition=Ready', `pod/${bare}`, '--timeout=60s');
};

const bareIsThere = async ({ namespace }: Scene): Promise<boolean> =>
  (await tryKubectl('get', 'pod', bare, '-n', namespace)).code === 0;

const force: Case = {
  does: 'without and with `--force`, with a bare pod beside the one that opted in',
  outcome: 'refuses with 1 and leaves the bare pod alone, then evicts it and moves the other',
  async attempt(scene) {
    const [subject] = await Promise.all([redisOn(scene), bareOn(scene, 1)]);
    const refused = await drain(scene, [patiently]);
    const wasLeft = await bareIsThere(scene);
    const forced = await drain(scene, ['--force', patiently]);
    return {
      'without it, it ends with 1 and says why':
        refused.code === 1 && refused.said.includes('Pods that declare no controller (use --force to override)'),
      'without it, the bare pod is left alone': wasLeft,
      'with it, it ends with 0': forced.code === 0,
      'with it, the bare pod is evicted': !(await bareIsThere(scene)),
      ...(await movedClaims(scene, subject)),
    };
  },
};

const ownGracePeriodSeconds = 60;

const gracePeriod: Case = {
  does: '`--grace-period=2 --force`, with a bare pod that takes a minute to end',
  outcome: 'ends the bare pod within its 2 s, and moves the pod that opted in',
  async attempt(scene) {
    const [subject] = await Promise.all([redisOn(scene), bareOn(scene, ownGracePeriodSeconds)]);
    const { code, seconds } = await drain(scene, ['--grace-period=2', '--force', patiently]);
    return {
      'it ends with 0': code === 0,
      'the bare pod is evicted': !(await bareIsThere(scene)),
      'it is not waited for until its own grace period is over': seconds < ownGracePeriodSeconds / 2,
      ...(await movedClaims(scene, subject)),
    };
  },
};

const withEmptyDir = {
  containers: [{ ...redisContainer, volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
  volumes: [{ name: 'data', emptyDir: {} }],
};

const inside = ({ namespace }: Scene, { app }: Subject, script: string): Promise<string> =>
  kubectl('exec', '-n', namespace, `deployment/${app}`, '--', 'sh', '-c', script);

const emptyDir: Case = {
  does: 'without and with `--delete-emptydir-data`, of a pod with an emptyDir',
  outcome: 'refuses with 1, then ends with 0: the pod has moved, and the file in its emptyDir with it',
  async attempt(scene) {
    const subject = await redisOn(scene, { spec: withEmptyDir });
    const word = await inside(scene, subject, 'tee /data/word < /proc/sys/kernel/random/uuid');
    const refused = await drain(scene, [patiently]);
    const { code } = await drain(scene, ['--delete-emptydir-data', patiently]);
    return {
      'without it, it ends with 1 and says why':
        refused.code === 1 && refused.said.includes('Pods with local storage (use --delete-emptydir-data to override)'),
      'with it, it ends with 0': code === 0,
      ...(await movedClaims(scene, subject)),
      'the file in the emptyDir has come along':
        word !== '' && (await inside(scene, subject, 'cat /data/word')) === word,
    };
  },
};

const disableEviction: Case = {
  does: '`--disable-eviction`',
  outcome: '**goes past Transship**: it deletes the pod, which starts anew elsewhere; what it held in memory is lost',
  async attempt(scene) {
    const subject = await redisOn(scene);
    const { code, said } = await drain(scene, ['--disable-eviction', patiently]);
    return {
      'it ends with 0': code === 0,
      'it says that the pod is deleted': said.includes(`pod/${subject.pod.metadata.name} deleted`),
      ...(await startedAnewClaims(scene, subject)),
    };
  },
};

/** What else can be told to a drain. */
export const flagCases: readonly Case[] = [force, gracePeriod, emptyDir, disableEviction];
