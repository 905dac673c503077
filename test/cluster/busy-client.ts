import { deployPod, type DeploymentOptions } from './deployment.ts';
import { kubectl } from './kubectl.ts';
import type { PodView } from './redis.ts';

/*
 * A program that is a client of echo servers (echo-servers.ts) in every way at
 * once, and counts: of each node's server it holds two connections through the
 * Service, on one of which it asks and on the other listens; one to its address;
 * and a socket over UDP, on which it asks again when nothing is answered within
 * a second. All the time it also begins connections that are to last a moment.
 * It is a server of counters besides, one for each connection.
 */
const program = `
const { connect, createServer } = require('node:net');
const service = process.env.SERVICE;
const nodes = process.env.NODES.split(' ');
const word = require('node:crypto').randomUUID();
const lasting = {}, brief = { ended: 0, failed: [] };

const lines = (socket, on) => {
  let rest = '';
  socket.setNoDelay(true).on('data', (chunk) => {
    const all = (rest + chunk).split('\\n');
    rest = all.pop();
    all.forEach(on);
  });
};
const watched = (name, socket) => {
  const seen = (lasting[name] = { count: 0, wrong: 0, repeated: 0, broken: '', port: socket.localPort });
  socket.on('error', ({ code }) => { seen.broken += code; }).on('close', () => { seen.broken += 'closed'; });
  return seen;
};
const ask = (name, socket, first) => {
  const seen = watched(name, socket);
  const next = () => socket.write(seen.count + 1 + '\\n');
  return (line) => {
    if (first && line.includes(' ')) return;
    if (Number(line) !== seen.count + 1) seen.wrong += 1;
    seen.count += 1;
    setTimeout(next, 20);
  };
};
const listen = (name, socket) => {
  const seen = watched(name, socket);
  return (line) => {
    if (Number(line) !== seen.count + 1) seen.wrong += 1;
    seen.count = Number(line);
  };
};
const addresses = {};
const begin = (kind) => new Promise((resolve, reject) => {
  const socket = connect(80, service);
  let on = (greeting) => {
    const [node, address] = greeting.split(' ');
    addresses[node] = address;
    const name = kind + ' ' + node;
    if (lasting[name]) { socket.destroy(); resolve(); return; }
    on = kind === 'ask' ? ask(name, socket) : listen(name, socket);
    socket.write(kind === 'ask' ? '1\\n' : 'push\\n');
    resolve();
  };
  lines(socket, (line) => on(line));
  socket.on('error', reject);
});
const direct = (node) => {
  const socket = connect(7000, addresses[node]);
  socket.on('connect', () => {
    const on = ask('direct ' + node, socket, true);
    lines(socket, on);
    socket.write('1\\n');
  });
};
const request = () => new Promise((resolve) => {
  const socket = require('node:dgram').createSocket('udp4');
  socket.connect(80, service, () => {
    let seen, timer;
    const send = () => {
      const number = seen ? seen.count + 1 : 1;
      socket.send(String(number), () => {});
      timer = setTimeout(() => { if (seen) seen.repeated += 1; send(); }, 1000);
    };
    socket.on('error', ({ code }) => { if (seen) seen.broken += code; });
    socket.on('message', (message) => {
      const [node, number] = String(message).split(' ');
      const name = 'udp ' + node;
      if (!seen) {
        if (lasting[name]) { clearTimeout(timer); socket.close(); resolve(); return; }
        seen = lasting[name] = { count: 0, wrong: 0, repeated: 0, broken: '', port: socket.address().port, node };
        resolve();
      }
      if (node !== seen.node) seen.wrong += 1;
      if (Number(number) !== seen.count + 1) return; // said twice
      seen.count += 1;
      clearTimeout(timer);
      setTimeout(send, 10);
    });
    send();
  });
});
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const missing = (kind) => nodes.some((node) => !lasting[kind + ' ' + node]);
const briefly = () => {
  const socket = connect(80, service);
  let isGreeted = false;
  socket.on('data', () => { isGreeted = true; socket.end(); });
  socket.on('error', ({ code }) => brief.failed.push(code));
  socket.on('close', () => { if (isGreeted) brief.ended += 1; else brief.failed.push('no greeting'); });
};
createServer((socket) => {
  let count = 0;
  socket.setNoDelay(true).on('error', () => {}).on('data', () => socket.write(':' + ++count + '\\r\\n'));
}).listen(6379);
(async () => {
  for (const kind of ['ask', 'push']) while (missing(kind)) await begin(kind).catch(() => sleep(100));
  while (missing('udp')) await request();
  nodes.forEach(direct);
  setInterval(briefly, 40);
  require('node:http').createServer((_, response) => response.end(JSON.stringify({ word, lasting, brief }))).listen(8080);
})();
`;

export interface Held {
  /** Answers, each the one that was due. */
  readonly count: number;
  readonly wrong: number;
  /** Requests over UDP that had to be said again. */
  readonly repeated: number;
  /** What has ended it. */
  readonly broken: string;
  readonly port: number;
}

export interface Busy {
  readonly word: string;
  /** By kind and node. */
  readonly lasting: Readonly<Record<string, Held>>;
  readonly brief: { readonly ended: number; readonly failed: readonly string[] };
}

/** @param service address of the echo servers, of which there is one on each of the nodes */
export const deployBusyClient = (options: DeploymentOptions, service: string): Promise<PodView> =>
  deployPod(options, {
    securityContext: { runAsUser: 1000, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'client',
        image: 'docker.io/local/node:1',
        imagePullPolicy: 'IfNotPresent',
        command: ['node', '-e', program],
        env: [
          { name: 'SERVICE', value: service },
          { name: 'NODES', value: options.nodes.join(' ') },
        ],
        readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
      },
    ],
  });

export const busyState = async ({ metadata: { namespace, name } }: PodView): Promise<Busy> => {
  const fetched = "fetch('http://127.0.0.1:8080').then((r) => r.text()).then(console.log)";
  return JSON.parse(await kubectl('exec', '-n', namespace, name, '--', 'node', '-e', fetched)) as Busy;
};
