import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { kubeconfigFile } from '../../lab/cluster.ts';
import { kubectl, kubectlBinary } from './kubectl.ts';
import type { PodView } from './redis.ts';

/*
 * Looks into the process of a controller while it runs, with nothing built into
 * it for that: on SIGUSR1 Node.js opens its inspector, on the loopback of the
 * pod, and its HTTP server tells of each request (node:diagnostics_channel).
 */

const inspectorPort = 9229;

/**
 * What the process is given to run. Times are those of CLOCK_MONOTONIC, which
 * all processes of a machine share, so they can be compared with the client's.
 */
const probe = `(() => {
  const { subscribe, unsubscribe } = process.getBuiltinModule('node:diagnostics_channel');
  const inspector = process.getBuiltinModule('node:inspector');
  const now = () => Number(process.hrtime.bigint()) / 1e6;
  const served = [];
  const onRequest = ({ request, response }) => {
    const id = request.headers['x-request-id'];
    if (id === undefined) return;
    const receivedMs = now();
    const { end } = response;
    response.end = (...given) => {
      const ended = end.apply(response, given);
      served.push({ id, receivedMs, answeredMs: now() });
      return ended;
    };
  };
  subscribe('http.server.request.start', onRequest);
  const cpu = process.cpuUsage();
  globalThis.endOfInspection = () => {
    unsubscribe('http.server.request.start', onRequest);
    const { user, system } = process.cpuUsage(cpu);
    setTimeout(() => inspector.close(), 100);
    return JSON.stringify({ served, cpuMs: (user + system) / 1000 });
  };
})()`;

/** Milliseconds by the clock of the probe. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** A request that named itself by X-Request-Id, as the process saw it. */
export interface Served {
  readonly id: string;
  /** Its headers had been read. */
  readonly receivedMs: number;
  /** Its answer had been handed to the kernel. */
  readonly answeredMs: number;
}

export interface Findings {
  readonly served: readonly Served[];
  /** Processor time of the whole process since the inspection began. */
  readonly cpuMs: number;
}

export interface Inspection extends AsyncDisposable {
  /** Ends it and gives what has been found. */
  end(): Promise<Findings>;
}

const forward = async ({ metadata: { namespace, name } }: PodView): Promise<{ child: ChildProcess; port: string }> => {
  const args = ['port-forward', '-n', namespace, `pod/${name}`, `:${String(inspectorPort)}`];
  const child = spawn(kubectlBinary, args, {
    env: { ...process.env, KUBECONFIG: kubeconfigFile },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  createInterface({ input: child.stdout })
    .on('line', (line) => {
      const port = /^Forwarding from 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
      if (port !== undefined) resolve(port);
    })
    .on('close', () => {
      reject(new Error(`kubectl ${args.join(' ')} ended before it had a port`));
    });
  return { child, port: await promise };
};

interface Evaluated {
  readonly id: number;
  readonly result?: { readonly result?: { readonly value?: unknown }; readonly exceptionDetails?: unknown };
}

/** One expression, evaluated in the process. */
const evaluate = async (socket: WebSocket, id: number, expression: string): Promise<unknown> => {
  socket.send(JSON.stringify({ id, method: 'Runtime.evaluate', params: { expression, returnByValue: true } }));
  for (;;) {
    const [{ data }] = (await once(socket, 'message')) as [{ readonly data: string }];
    const answer = JSON.parse(data) as Evaluated;
    if (answer.id !== id) continue;
    if (answer.result?.exceptionDetails !== undefined) throw new Error(`the probe failed: ${data}`);
    return answer.result?.result?.value;
  }
};

const connect = async (port: string): Promise<WebSocket> => {
  const response = await fetch(`http://127.0.0.1:${port}/json/list`);
  const [target] = (await response.json()) as readonly { readonly webSocketDebuggerUrl: string }[];
  if (!target) throw new Error('the inspector of the controller offers nothing');
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await once(socket, 'open');
  return socket;
};

export const inspect = async (pod: PodView): Promise<Inspection> => {
  const { namespace, name } = pod.metadata;
  await kubectl('exec', '-n', namespace, name, '-c', 'controller', '--', 'node', '-e', 'process.kill(1, "SIGUSR1")');
  const { child, port } = await forward(pod);
  const socket = await connect(port);
  await evaluate(socket, 1, probe);
  return {
    end: async () => JSON.parse(String(await evaluate(socket, 2, 'globalThis.endOfInspection()'))) as Findings,
    [Symbol.asyncDispose]() {
      socket.close();
      child.kill();
      return Promise.resolve();
    },
  };
};
