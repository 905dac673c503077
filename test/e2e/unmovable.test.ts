import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventOn } from '../cluster/events.ts';
import { conditionOf, migrationsIn, overMove, requestMove } from '../cluster/migrations.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { drainOf, startingOn } from '../cluster/nodes.ts';
import { deployRedis, identityOf, image, type PodView, podsOf, readyPod } from '../cluster/redis.ts';

const namespace = 'e2e-unmovable';
const name = 'bound-redis';
const reasons = ['HostPortUsed', 'StartHookUsed', 'HostPathUsed'];

/** Opted in, and bound to its node by three things at once. */
const spec = {
  affinity: startingOn('n3', 'n1'),
  volumes: [{ name: 'of-the-node', hostPath: { path: '/tmp' } }],
  containers: [
    {
      name: 'redis',
      image,
      imagePullPolicy: 'IfNotPresent',
      ports: [{ containerPort: 6379, hostPort: 16379 }],
      volumeMounts: [{ name: 'of-the-node', mountPath: '/of-the-node' }],
      readinessProbe: { tcpSocket: { port: 6379 }, periodSeconds: 1 },
      lifecycle: { postStart: { exec: { command: ['true'] } } },
    },
  ],
};

let before: PodView;

beforeAll(async () => {
  await freshNamespace(namespace);
  before = (await deployRedis({ namespace, name, startOn: 'n3', spec }, [])).pod;
});

afterAll(() => removeNamespace(namespace));

describe('a pod that opted in but cannot be moved', () => {
  it('is refused with every reason when somebody asks for its move, and runs on', async () => {
    const was = await identityOf(namespace, before.metadata.name);
    await requestMove(namespace, 'by-hand', { podName: before.metadata.name });
    const move = await overMove(namespace, 'by-hand');
    expect(move.status).toMatchObject({ phase: 'Failed', reason: reasons[0] });
    expect(conditionOf(move, 'Movable')?.status).toBe('False');
    const event = await eventOn(namespace, 'Migration', 'by-hand', reasons[0]!);
    expect(event.type).toBe('Warning');
    for (const reason of reasons) {
      expect(conditionOf(move, 'Movable')?.message).toContain(`${reason}: `);
      expect(event.message).toContain(`${reason}: `);
    }
    const [after, ...others] = await podsOf({ namespace, name });
    expect(others).toEqual([]);
    expect(after?.metadata.uid).toBe(before.metadata.uid);
    expect(await identityOf(namespace, before.metadata.name)).toEqual(was);
  });

  it('is evicted by a drain as on any cluster, which says every reason on the terminal and in an event', async () => {
    const earlier = (await migrationsIn(namespace)).length;
    const { code, stderr } = await drainOf(name, 'n3');
    expect(code).toBe(0);
    expect(stderr).toContain('Warning: ');
    const event = await eventOn(namespace, 'Pod', before.metadata.name, 'EvictionAllowed');
    expect(event.type).toBe('Warning');
    for (const reason of reasons) {
      expect(stderr).toContain(`${reason}: `);
      expect(event.message).toContain(`${reason}: `);
    }
    const after = await readyPod({ namespace, name }, 'n1');
    expect(after.metadata.uid).not.toBe(before.metadata.uid);
    expect(await migrationsIn(namespace)).toHaveLength(earlier);
  });
});
