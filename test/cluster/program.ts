import { type DeploymentOptions, deployPod } from './deployment.ts';
import { kubectl } from './kubectl.ts';
import type { PodView } from './redis.ts';

/**
 * A server for Node.js that keeps everything that a move could lose: a counter
 * in memory, which speaks as INCR of Redis does, so that the same client counts
 * on it; a word that only this very process knows; files with that word in the
 * container's own layer and in an emptyDir; a log that it holds open; and what it
 * has said on its standard output.
 */
const source = `
const fs = require('node:fs');
const word = require('node:crypto').randomUUID();
console.log('the word is', word);
fs.writeFileSync('/tmp/word', word);
fs.writeFileSync('/data/word', word);
const log = fs.openSync('/data/log', 'a');
let count = 0;
require('node:net').createServer((socket) => {
  socket.on('error', () => {});
  socket.on('data', () => {
    count += 1;
    if (count % 100 === 0) fs.writeSync(log, count + '\\n');
    if (count % 100 === 0) console.log('counted to', count);
    socket.write(':' + count + '\\r\\n');
  });
}).listen(6379);
require('node:http').createServer((_, response) => response.end(word)).listen(8080);
`;

const fetchWord = "fetch('http://127.0.0.1:8080').then((r) => r.text()).then(console.log)";

/** As the Pod Security Standard "restricted" wants it: not root, no capabilities, a seccomp profile. */
const container = {
  name: 'program',
  image: 'docker.io/local/node:1',
  imagePullPolicy: 'IfNotPresent',
  command: ['node', '-e', source],
  ports: [{ containerPort: 6379 }],
  readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  volumeMounts: [{ name: 'data', mountPath: '/data' }],
};

export const deployProgram = (options: DeploymentOptions): Promise<PodView> =>
  deployPod(options, {
    securityContext: { runAsUser: 1000, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [container],
    volumes: [{ name: 'data', emptyDir: {} }],
  });

/** All that the program can tell of itself. */
export interface ProgramState {
  /** The word that the process keeps in memory. */
  readonly word: string;
  readonly files: { readonly own: string; readonly volume: string };
  /** What it has written into the file that it holds open. */
  readonly log: string;
  readonly user: string;
}

export const programState = async (namespace: string, pod: string): Promise<ProgramState> => {
  const ask = async (...command: readonly string[]): Promise<string> =>
    (await kubectl('exec', '-n', namespace, pod, '--', ...command)).trim();
  return {
    word: await ask('node', '-e', fetchWord),
    files: { own: await ask('cat', '/tmp/word'), volume: await ask('cat', '/data/word') },
    log: await ask('cat', '/data/log'),
    user: await ask('id', '-u'),
  };
};
