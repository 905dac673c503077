/** `make demo`: everything that it says is measured in this very run. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bringUp } from '../../lab/up.ts';
import { say, step } from '../../lab/progress.ts';
import { startCounter } from '../cluster/counter-client.ts';
import { installTransship } from '../cluster/install.ts';
import { kubectl, tryKubectl } from '../cluster/kubectl.ts';
import { drainAndObserve, type Observation } from '../cluster/move.ts';
import { drainCommand, otherWorkers } from '../cluster/nodes.ts';
import { deployRedis, fill } from '../cluster/redis.ts';
import { brokenPromises, timeline } from './timeline.ts';

const namespace = 'demo';
const name = 'redis';
const keys = 10 * 1024;
const blackoutLimitMs = 500;
/** containerd to containerd, then to Docker, between two Dockers, and back. */
const journey = ['n1', 'n2', 'n3', 'n4', 'n1'] as const;

const output = join(import.meta.dirname, '..', '..', 'out');

/** What the terminal of a person shows who drains the nodes by hand. */
const transcripts: string[] = [];

const run = async (): Promise<readonly Observation[]> => {
  const [first, ...stops] = journey;
  const { pod, serviceIP } = await step(
    `deploy a Redis with ${String(keys / 1024)} MB of data on ${first}`,
    async () => {
      const deployed = await deployRedis({ namespace, name, startOn: first }, otherWorkers(first));
      await fill(namespace, deployed.pod.metadata.name, keys);
      return deployed;
    },
  );
  const podClient = await startCounter('n0', { host: pod.status.podIP ?? '', port: 6379 }, 'through-pod');
  const serviceClient = await startCounter('n0', { host: serviceIP, port: 6379 }, 'through-service');
  const observations: Observation[] = [];
  try {
    let current = pod;
    for (const to of stops) {
      const command = `$ kubectl ${drainCommand(current.spec.nodeName ?? '').join(' ')}`;
      say(command);
      const observation = await drainAndObserve(
        { namespace, name, clients: { pod: podClient, service: serviceClient } },
        current,
        to,
      );
      say(`${observation.drainOutput}${timeline(observation)}`);
      transcripts.push(`${command}\n${observation.drainOutput}`);
      observations.push(observation);
      current = observation.after;
    }
  } finally {
    await Promise.all([podClient.close(), serviceClient.close()]);
  }
  return observations;
};

await bringUp();
await installTransship();
await tryKubectl('delete', 'namespace', namespace, '--ignore-not-found', '--timeout=60s');
const observations = await run();
await mkdir(output, { recursive: true });
await writeFile(join(output, 'demo.json'), `${JSON.stringify({ moves: observations.map((o) => o.move) }, null, 2)}\n`);
await writeFile(join(output, 'demo-drains.txt'), transcripts.join('\n'));
const broken = observations.flatMap((o) => brokenPromises(o, blackoutLimitMs));
await kubectl('delete', 'namespace', namespace, '--wait=false');
for (const sentence of broken) say(`NOT SO: ${sentence}`);
if (broken.length === 0) {
  const worst = Math.max(...observations.map((o) => o.move.blackoutMs));
  say(
    `${String(observations.length)} moves: no connection broke, no number was skipped or repeated, longest gap ${String(worst)} ms`,
  );
}
say('the same as data: out/demo.json; what kubectl said: out/demo-drains.txt');
process.exitCode = broken.length === 0 ? 0 : 1;
