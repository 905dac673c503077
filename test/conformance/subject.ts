import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../lab/wait.ts';
import { type CounterClient, startCounter } from '../cluster/counter-client.ts';
import { conditionOf, finishedMove, type MigrationView, migrationsIn } from '../cluster/migrations.ts';
import { startingOn } from '../cluster/nodes.ts';
import { deployRedis, image, type PodView, readyPod } from '../cluster/redis.ts';
import type { Claims } from './claims.ts';
import type { Scene } from './scene.ts';

/** A pod of a Deployment on the node that is emptied, with a client that counts on one connection. */
export interface Subject {
  readonly app: string;
  readonly pod: PodView;
  readonly client: CounterClient;
}

export interface SubjectOptions {
  readonly app?: string;
  readonly optIn?: boolean;
  readonly spec?: object;
}

/** Its container, for a pod that is to have something more. */
export const redisContainer = {
  name: 'redis',
  image,
  imagePullPolicy: 'IfNotPresent',
  ports: [{ containerPort: 6379 }],
  readinessProbe: { tcpSocket: { port: 6379 }, periodSeconds: 1 },
};

/** A Redis that may run on both nodes of the scene; its client counts until the end of the case. */
export const redisOn = async (
  { namespace, from, to, undo }: Scene,
  { app = 'redis', optIn = true, spec }: SubjectOptions = {},
): Promise<Subject> => {
  const affinity = startingOn(from, to);
  const redis = { namespace, name: app, startOn: from, optIn, spec: { affinity, ...spec } };
  const { pod } = await deployRedis(redis, []);
  const client = await startCounter('n0', { host: pod.status.podIP ?? '', port: 6379 }, app);
  undo.defer(() => client.close());
  return { app, pod, client };
};

const movesOf = async (namespace: string, { pod }: Subject): Promise<readonly MigrationView[]> =>
  (await migrationsIn(namespace)).filter(({ spec }) => spec.podName === pod.metadata.name);

/** Long enough for hundreds of answers. */
const countingMs = 300;

const untilMoved = async ({ namespace }: Scene, { pod }: Subject): Promise<void> => {
  const { status } = await finishedMove(namespace, pod.metadata.name);
  const { phase = '', reason = '', message = '' } = status ?? {};
  if (phase !== 'Succeeded')
    throw new Error(`the move of ${pod.metadata.name} ended as ${phase}: ${reason}: ${message}`);
};

/** Waits for the pod on the other node, and lets its client count there. */
export const movedClaims = async (scene: Scene, subject: Subject): Promise<Claims> => {
  const { namespace, to } = scene;
  const { app, pod, client } = subject;
  await untilMoved(scene, subject);
  const moved = await readyPod({ namespace, name: app }, to);
  const during = await client.lap();
  await sleep(countingMs);
  const after = await client.lap();
  const phases = (await movesOf(namespace, subject)).map(({ status }) => status?.phase);
  return {
    'the pod runs on the other node, with its address': moved.status.podIP === pod.status.podIP,
    'its client counts on, on the connection of before': after.connected && after.answers > 0,
    'no number is skipped or repeated': during.jumps + after.jumps === 0,
    'there is one Migration of the pod, and it has succeeded': phases.length === 1 && phases[0] === 'Succeeded',
  };
};

const isOver = (move: MigrationView): boolean => conditionOf(move, 'Finished')?.status === 'True';

/** Waits for the pod that has taken its place on the other node, and for whatever move there was to end. */
export const startedAnewClaims = async ({ namespace, to }: Scene, subject: Subject): Promise<Claims> => {
  const { app, pod, client } = subject;
  const anew = await readyPod({ namespace, name: app }, to);
  await client.lap();
  await sleep(countingMs);
  const { answers } = await client.lap();
  const moves = await until({ what: `the moves in ${namespace} to be over`, timeoutMs: 60_000 }, async () => {
    const all = await movesOf(namespace, subject);
    return all.every(isOver) ? all : undefined;
  });
  return {
    'another pod runs on the other node': anew.metadata.uid !== pod.metadata.uid,
    'the connection is lost': answers === 0,
    'no Migration says that it was moved': moves.every(({ status }) => status?.phase !== 'Succeeded'),
  };
};

/** That nothing at all has happened to it. */
export const untouchedClaims = async ({ namespace, from }: Scene, subject: Subject): Promise<Claims> => {
  const { app, pod, client } = subject;
  const now = await readyPod({ namespace, name: app }, from);
  await client.lap();
  await sleep(countingMs);
  const { connected, answers } = await client.lap();
  const moves = await movesOf(namespace, subject);
  return {
    'the pod runs where it ran, with its connection': now.metadata.uid === pod.metadata.uid && connected && answers > 0,
    'there is no Migration of it': moves.length === 0,
  };
};
