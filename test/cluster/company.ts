import { type DeploymentOptions, deployPod } from './deployment.ts';
import { kubectl } from './kubectl.ts';
import { image as redisImage, type PodView } from './redis.ts';

/**
 * The third of a company: it counts at the Redis beside it, over one connection
 * to the loopback address that it never makes anew, and watches the beat that a
 * sidecar writes into the memory that they share. It answers INCR itself, so that
 * a client from outside can count on it.
 */
const asker = `
const { connect, createServer } = require('node:net');
const fs = require('node:fs');
const word = require('node:crypto').randomUUID();
const seen = { word, answers: 0, jumps: 0, broken: 0, longestGapMs: 0, beat: 0, beatsBackwards: 0, connections: 0 };
let last = 0, at = performance.now();
const redis = connect(6379, '127.0.0.1');
redis.setNoDelay(true);
redis.on('connect', () => { seen.connections += 1; redis.write('INCR beside\\r\\n'); });
redis.on('data', (data) => {
  const now = performance.now(), value = Number(String(data).slice(1));
  if (last !== 0 && value !== last + 1) seen.jumps += 1;
  if (last !== 0) seen.longestGapMs = Math.max(seen.longestGapMs, Math.round(now - at));
  last = value; at = now; seen.answers += 1;
  setTimeout(() => redis.write('INCR beside\\r\\n'), 5);
});
redis.on('error', () => { seen.broken += 1; });
redis.on('close', () => { seen.broken += 1; });
setInterval(() => {
  const beat = Number(fs.readFileSync('/dev/shm/beat', 'utf8'));
  if (beat < seen.beat) seen.beatsBackwards += 1;
  if (beat > 0) seen.beat = beat;
}, 50);
let count = 0;
createServer((socket) => {
  socket.on('error', () => {});
  socket.on('data', () => { count += 1; socket.write(':' + count + '\\r\\n'); });
}).listen(7000);
require('node:http').createServer((_, response) => { response.end(JSON.stringify(seen)); seen.longestGapMs = 0; }).listen(8080);
`;

/** The new beat replaces the old one, so that nobody reads half of it. */
const beater =
  'n=0; while :; do n=$((n+1)); echo $n >/dev/shm/beat.new && mv /dev/shm/beat.new /dev/shm/beat; echo $n >/shared/beat; sleep 0.02; done';

const nodeImage = 'docker.io/local/node:1';

const sidecar = {
  name: 'beat',
  image: redisImage,
  imagePullPolicy: 'IfNotPresent',
  restartPolicy: 'Always',
  command: ['sh', '-c', beater],
  startupProbe: { exec: { command: ['test', '-s', '/dev/shm/beat'] }, periodSeconds: 1 },
  livenessProbe: { exec: { command: ['test', '-s', '/dev/shm/beat'] }, periodSeconds: 1, failureThreshold: 3 },
  volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
};

const redis = {
  name: 'redis',
  image: redisImage,
  imagePullPolicy: 'IfNotPresent',
  ports: [{ containerPort: 6379 }],
  readinessProbe: { tcpSocket: { port: 6379 }, periodSeconds: 1 },
  livenessProbe: { exec: { command: ['redis-cli', 'ping'] }, periodSeconds: 1 },
  volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
};

const app = {
  name: 'app',
  image: nodeImage,
  imagePullPolicy: 'IfNotPresent',
  command: ['sh', '-c', 'until [ -s /dev/shm/beat ]; do sleep 0.1; done; sleep 1; exec node -e "$0"', asker],
  ports: [{ containerPort: 7000 }],
  readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
};

export const deployCompany = (options: DeploymentOptions): Promise<PodView> =>
  deployPod(options, {
    initContainers: [sidecar],
    containers: [redis, app],
    volumes: [{ name: 'shared', emptyDir: {} }],
  });

/** What the third has seen of the others since it was asked last. */
export interface Company {
  readonly word: string;
  readonly answers: number;
  readonly jumps: number;
  readonly broken: number;
  readonly connections: number;
  readonly longestGapMs: number;
  readonly beat: number;
  readonly beatsBackwards: number;
}

const fetchSeen = "fetch('http://127.0.0.1:8080').then((r) => r.text()).then(console.log)";

export const companyOf = async (namespace: string, pod: string): Promise<Company> =>
  JSON.parse(await kubectl('exec', '-n', namespace, pod, '-c', 'app', '--', 'node', '-e', fetchSeen)) as Company;
