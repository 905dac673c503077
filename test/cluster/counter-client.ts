import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { nodePid } from '../../lab/node-exec.ts';
import { nodeNamed } from '../../lab/cluster.ts';
import type { Lap } from '../workload/counter.ts';

export interface CounterClient {
  /** What has happened since the last call. */
  lap(): Promise<Lap>;
  close(): Promise<void>;
}

const program = join(import.meta.dirname, '..', 'workload', 'counter.ts');
const answerLimitMs = 10_000;

interface Server {
  readonly host: string;
  readonly port: number;
}

/** Starts a client; resolves when its connection is up and has had an answer. */
const startWith = async (
  [file, ...args]: readonly [string, ...string[]],
  server: Server,
  key: string,
  pauseMs: number,
): Promise<CounterClient> => {
  const child = spawn(file, [...args, program, server.host, String(server.port), key, String(pauseMs)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const lap = async (): Promise<Lap> => {
    child.stdin.write('lap\n');
    const limit = AbortSignal.timeout(answerLimitMs);
    const { promise: late, reject } = Promise.withResolvers<never>();
    limit.addEventListener('abort', () => {
      reject(new Error(`client ${key} did not answer`));
    });
    const { value, done } = await Promise.race([lines.next(), late]);
    if (done) throw new Error(`client ${key} of ${server.host}:${server.port} has ended`);
    return JSON.parse(value) as Lap;
  };
  await lap();
  return {
    lap,
    async close() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
};

/**
 * In the network of a node of the lab.
 *
 * @param pauseMs between an answer and the next request: many clients that ask without a pause would need the machine
 */
export const startCounter = async (
  nodeName: string,
  server: Server,
  key: string,
  pauseMs = 1,
): Promise<CounterClient> => {
  const pid = nodePid(nodeNamed(nodeName));
  if (pid === undefined) throw new Error(`node ${nodeName} is not up`);
  return startWith(['nsenter', '-t', String(pid), '-n', '--', process.execPath], server, key, pauseMs);
};

/** On the machine of the lab, which is no node. */
export const startOutside = (server: Server, key: string, pauseMs = 1): Promise<CounterClient> =>
  startWith([process.execPath], server, key, pauseMs);
