import { apply, kubectl } from './kubectl.ts';

/*
 * A server on every worker behind one Service. Over TCP it says first on which
 * node it runs and at which address, and then each line back, or after the word
 * "push" a number every 20 ms. Over UDP it says each request back, with its
 * node, after a moment in which a client may be moved.
 */

const program = `
const { NODE, ADDRESS } = process.env;
require('node:net').createServer((socket) => {
  socket.setNoDelay(true).on('error', () => {});
  socket.write(NODE + ' ' + ADDRESS + '\\n');
  let rest = '';
  socket.on('data', (chunk) => {
    const lines = (rest + chunk).split('\\n');
    rest = lines.pop();
    for (const line of lines) {
      if (line !== 'push') { socket.write(line + '\\n'); continue; }
      let pushed = 0;
      const pushing = setInterval(() => socket.write(++pushed + '\\n'), 20);
      socket.on('close', () => clearInterval(pushing));
    }
  });
}).listen(7000);
const udp = require('node:dgram').createSocket('udp4');
udp.on('message', (message, { port, address }) => {
  setTimeout(() => udp.send(NODE + ' ' + message, port, address), 30);
}).bind(7000);
`;

const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });

const app = 'echo';

/** In a namespace that is there. Resolves with the address of their Service when all of them answer. */
export const deployEchoServers = async (namespace: string): Promise<string> => {
  await apply(
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: app, namespace },
      spec: {
        selector: { matchLabels: { app } },
        template: {
          metadata: { labels: { app } },
          spec: {
            terminationGracePeriodSeconds: 1,
            containers: [
              {
                name: app,
                image: 'docker.io/local/node:1',
                imagePullPolicy: 'IfNotPresent',
                command: ['node', '-e', program],
                env: [field('NODE', 'spec.nodeName'), field('ADDRESS', 'status.podIP')],
                readinessProbe: { tcpSocket: { port: 7000 }, periodSeconds: 1 },
              },
            ],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: app, namespace },
      spec: {
        selector: { app },
        ports: [
          { name: 'tcp', protocol: 'TCP', port: 80, targetPort: 7000 },
          { name: 'udp', protocol: 'UDP', port: 80, targetPort: 7000 },
        ],
      },
    },
  );
  await kubectl('rollout', 'status', 'daemonset', app, '-n', namespace, '--timeout=60s');
  return (await kubectl('get', 'service', app, '-n', namespace, '-o', 'jsonpath={.spec.clusterIP}')).trim();
};
