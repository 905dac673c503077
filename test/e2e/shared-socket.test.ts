import { afterAll, beforeAll, expect, it } from 'vitest';
import { deployPod } from '../cluster/deployment.ts';
import { overMove, requestMove } from '../cluster/migrations.ts';
import { removeNamespace } from '../cluster/namespaces.ts';
import { type PodView, readyPod } from '../cluster/redis.ts';

const namespace = 'e2e-shared-socket';
const name = 'loggers';

/** As syslog is spoken: whoever logs is connected with the socket of whoever writes it down, and that knows nothing of it. */
const receiver = `
import socket
inbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
inbox.bind('/talk/inbox')
while True: inbox.recv(64)
`;
const sender = `
import socket, time
outbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
while True:
    try:
        outbox.connect('/talk/inbox')
        break
    except OSError: time.sleep(0.05)
open('/tmp/connected', 'w').close()
while True:
    outbox.send(b'here')
    time.sleep(0.01)
`;

const container = (called: string, program: string) => ({
  name: called,
  image: 'docker.io/local/node:1',
  imagePullPolicy: 'IfNotPresent',
  command: ['python3', '-c', program],
  volumeMounts: [{ name: 'talk', mountPath: '/talk' }],
});

let pod: PodView;

beforeAll(async () => {
  pod = await deployPod(
    { namespace, name, nodes: ['n1', 'n3'] },
    {
      containers: [
        container('receiver', receiver),
        {
          ...container('sender', sender),
          readinessProbe: { exec: { command: ['test', '-e', '/tmp/connected'] }, periodSeconds: 1 },
        },
      ],
      volumes: [{ name: 'talk', emptyDir: {} }],
    },
  );
});

afterAll(() => removeNamespace(namespace));

it('a pod whose containers are connected by datagram sockets is refused before anything is touched', async () => {
  await requestMove(namespace, 'by-hand', { podName: pod.metadata.name, targetNodeName: 'n3' });
  const move = await overMove(namespace, 'by-hand');
  expect(move.status).toMatchObject({ phase: 'Failed', reason: 'SocketShared' });
  expect(move.status?.message).toContain('datagram sockets between receiver and sender');
  expect(move.status?.target).toBeUndefined();
  expect((await readyPod({ namespace, name }, 'n1')).metadata.uid).toBe(pod.metadata.uid);
});
