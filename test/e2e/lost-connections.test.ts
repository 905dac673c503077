import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../lab/wait.ts';
import { nodeNamed } from '../../lab/cluster.ts';
import { apiVersion } from '../../src/api/group.ts';
import { deployPod } from '../cluster/deployment.ts';
import { eventOn } from '../cluster/events.ts';
import { apply, kubectl } from '../cluster/kubectl.ts';
import { conditionOf, overMove, requestMove } from '../cluster/migrations.ts';
import { clearNamespace } from '../cluster/namespaces.ts';
import { masquerade, type OutsidePeer, startOutsidePeer } from '../cluster/outside-peer.ts';
import { installPlugin } from '../cluster/plugin.ts';
import { type PodView, readyPod } from '../cluster/redis.ts';

const namespace = 'e2e-lost-connections';
const name = 'dialler';
const nodes = ['n1', 'n3'] as const;
const policy = 'e2e-lost-connections';

/** Holds one connection, and makes another when it ends. */
const program = `
const { connect } = require('node:net');
const dial = () => {
  const socket = connect(Number(process.env.PORT), process.env.HOST);
  const timer = setInterval(() => socket.write('hello\\n'), 50);
  socket.on('data', () => require('node:fs').writeFileSync('/tmp/connected', ''));
  socket.on('error', () => {}).on('close', () => { clearInterval(timer); setTimeout(dial, 200); });
};
dial();
`;

const stack = new AsyncDisposableStack();
let peer: OutsidePeer;
let pod: PodView;

const peerName = (): string => `${peer.host}:${peer.port}/tcp`;

beforeAll(async () => {
  peer = stack.use(await startOutsidePeer());
  stack.use(await masquerade(nodes, peer));
  stack.defer(async () => {
    await kubectl('delete', 'migrationpolicy', policy, '--ignore-not-found');
  });
  pod = await deployPod(
    { namespace, name, nodes: [...nodes] },
    {
      securityContext: { runAsUser: 1000, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name,
          image: 'docker.io/local/node:1',
          imagePullPolicy: 'IfNotPresent',
          command: ['node', '-e', program],
          env: [
            { name: 'HOST', value: peer.host },
            { name: 'PORT', value: String(peer.port) },
          ],
          readinessProbe: { exec: { command: ['test', '-e', '/tmp/connected'] }, periodSeconds: 1 },
        },
      ],
    },
  );
});

afterAll(async () => {
  await clearNamespace(namespace);
  await stack.disposeAsync();
});

describe('a connection whose peer knows the pod by the address of its node', () => {
  it('is one', () => {
    expect(peer.seen()).toEqual([nodeNamed('n1').address]);
  });

  it('is told of by `kubectl transship check`', async () => {
    await using plugin = await installPlugin();
    const said = await until({ what: 'check to tell of it', timeoutMs: 60_000 }, async () => {
      const { stdout } = await plugin.run('check', pod.metadata.name, '-n', namespace);
      return stdout.includes('ConnectionsLost') ? stdout : undefined;
    });
    expect(said).toContain(`it would lose its connections to ${peerName()}`);
  });

  it('keeps its pod where a policy refuses to end it, and goes on', async () => {
    await apply({
      ...{ apiVersion, kind: 'MigrationPolicy', metadata: { name: policy } },
      spec: { podSelector: { matchLabels: { app: name } }, lostConnections: 'Refuse' },
    });
    await requestMove(namespace, 'refused', { podName: pod.metadata.name, targetNodeName: 'n3' });
    const { status } = await overMove(namespace, 'refused');
    expect(status).toMatchObject({ phase: 'Failed', reason: 'ConnectionsLost' });
    expect(status?.message).toContain(peerName());
    expect(peer.seen()).toHaveLength(1);
    await kubectl('delete', 'migrationpolicy', policy);
  });

  it('ends with the move otherwise, of which the Migration warns and which it says', async () => {
    await requestMove(namespace, 'allowed', { podName: pod.metadata.name, targetNodeName: 'n3' });
    const move = await overMove(namespace, 'allowed');
    expect(move.status).toMatchObject({ phase: 'Succeeded', source: { lostConnections: [peerName()] } });
    expect(conditionOf(move, 'Succeeded')?.message).toContain(`its connections to ${peerName()} ended`);
    const { type, message } = await eventOn(namespace, 'Migration', 'allowed', 'ConnectionsLost');
    expect({ type, message }).toEqual({ type: 'Warning', message: expect.stringContaining(peerName()) as string });
  });

  it('is made anew by the program, which learns that it has ended', async () => {
    pod = await readyPod({ namespace, name }, 'n3');
    await until({ what: 'the pod to connect once more', timeoutMs: 30_000 }, () =>
      Promise.resolve(peer.seen().length > 1 ? true : undefined),
    );
    expect(peer.seen()).toEqual([nodeNamed('n1').address, nodeNamed('n3').address]);
  });
});
