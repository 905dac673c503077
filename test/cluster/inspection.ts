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
  const { openSync, readSync, closeSync } = process.getBuiltinModule('node:fs');
  const inspector = process.getBuiltinModule('node:inspector');
  const schedstat = openSync('/proc/self/schedstat');
  const text = Buffer.alloc(128);
  const marks = [];
  const mark = () => {
    const atMs = Number(process.hrtime.bigint()) / 1e6;
    const length = readSync(schedstat, text, 0, text.length, 0);
    const kept = { atMs, delayedMs: Number(text.toString('latin1', 0, length).split(' ')[1]) / 1e6 };
    marks.push(kept);
    return kept;
  };
  const served = [];
  const onRequest = ({ request, response }) => {
    const id = request.headers['x-request-id'];
    if (id === undefined) return;
    mark();
    const { end } = response;
    response.end = (...given) => {
      const ended = end.apply(response, given);
      served.push({ id, answered: mark() });
      return ended;
    };
  };
  subscribe('http.server.request.start', onRequest);
  const cpu = process.cpuUsage();
  globalThis.endOfInspection = () => {
    unsubscribe('http.server.request.start', onRequest);
    const { user, system } = process.cpuUsage(cpu);
    closeSync(schedstat);
    setTimeout(() => inspector.close(), 100);
    return JSON.stringify({ served, marks, cpuMs: (user + system) / 1000 });
  };
})()`;

/** Milliseconds by the clock of the probe. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

interface Mark {
  readonly atMs: number;
  /** For how long, since it began, the thread could have run and others had the processors (Documentation/scheduler/sched-stats.rst). */
  readonly delayedMs: number;
}

export interface Findings {
  /** The requests that named themselves by X-Request-Id, each when its answer had been handed to the kernel. */
  readonly served: readonly { readonly id: string; readonly answered: Mark }[];
  /** At the beginning and end of each, in order. */
  readonly marks: readonly Mark[];
  /** Processor time of the whole process since the inspection began. */
  readonly cpuMs: number;
}

/** What the process took for a request, from the moment in which it was sent until its answer was written. */
export interface Share {
  readonly ms: number;
  /** Without the time for which others had the processors that it could have used. */
  readonly aloneMs: number;
}

export const sharesOf = (
  requests: readonly { readonly id: string; readonly sentMs: number }[],
  { served, marks }: Findings,
): readonly Share[] => {
  const answers = new Map(served.map(({ id, answered }) => [id, answered]));
  return requests.map(({ id, sentMs }) => {
    const answered = answers.get(id);
    // What it was delayed between the sending and this mark is not known, and counts as its own.
    const first = marks.find(({ atMs }) => atMs >= sentMs);
    if (!answered || !first) throw new Error(`the controller did not see itself answer request ${id}`);
    const ms = answered.atMs - sentMs;
    return { ms, aloneMs: ms - (answered.delayedMs - first.delayedMs) };
  });
};

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
  let hasEnded = false;
  const end = async (): Promise<Findings> => {
    hasEnded = true;
    return JSON.parse(String(await evaluate(socket, 2, 'globalThis.endOfInspection()'))) as Findings;
  };
  return {
    end,
    async [Symbol.asyncDispose]() {
      if (!hasEnded) await end();
      socket.close();
      child.kill();
    },
  };
};
