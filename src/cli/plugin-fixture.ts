import { podWith } from '../api/pod-fixture.ts';
import type { Pod } from '../api/pod.ts';
import { migrationNodes, nodes, pods } from '../api/resource.ts';
import { FakeClock } from '../clock/fake-clock.ts';
import { FakeApi } from '../kube/fake-api.ts';
import { agentOf, nodeNamed } from '../scheduling/node-fixture.ts';
import { ProcessTrace } from '../trace/tracer.ts';
import { Interrupted } from './failure.ts';
import { runCommandLine } from './program.ts';
import { createTerminal } from './progress/screen.ts';
import type { Connect } from './session.ts';

/*
 * What is imported when a command is called for takes a while the first time,
 * and the time of the tests stands still meanwhile.
 */
import './cluster/versions.ts';
import './commands/cancel.ts';
import './commands/check.ts';
import './commands/complete.ts';
import './commands/completion.ts';
import './commands/describe.ts';
import './commands/get.ts';
import './commands/node.ts';
import './commands/pod.ts';
import './commands/trace.ts';
import './commands/version.ts';
import './commands/watch.ts';
import './completion/names.ts';
import './explain.ts';

/** For tests: the plugin, its two outputs, and a cluster in memory. */
export interface Plugin {
  readonly api: FakeApi;
  readonly clock: FakeClock;
  /** Runs a command line as a shell would, and resolves to its exit code. */
  run(...words: string[]): Promise<number>;
  /** Ctrl-C. */
  interrupt(): void;
  /** The lines so far, of what has been printed since they were asked for last. */
  out(): readonly string[];
  err(): readonly string[];
}

const collector = (isTTY: boolean) => {
  let text = '';
  const read = (): readonly string[] => {
    const lines = text.split('\n').slice(0, -1);
    text = '';
    return lines;
  };
  return { read, stream: { isTTY, columns: 100, rows: 10, write: (more: string) => (text += more) } };
};

const cliRun = '0c0c0c0c';

/** @param isTTY a person watches both outputs. */
export const createPlugin = ({ isTTY = false }: { readonly isTTY?: boolean } = {}): Plugin => {
  const [stdout, stderr] = [collector(isTTY), collector(isTTY)];
  const clock = new FakeClock();
  const api = new FakeApi(() => clock.now());
  const terminal = createTerminal(stdout.stream, stderr.stream);
  const tracer = new ProcessTrace({ run: cliRun, clock, write: () => undefined }).of('cli');
  const stop = new AbortController();
  const connect: Connect = ({ namespace = 'shop' }) =>
    Promise.resolve({ api, namespace, terminal, clock, random: () => 0.5, tracer, signal: stop.signal });
  return {
    api,
    clock,
    run: (...words) => runCommandLine(words, connect, terminal),
    interrupt: () => {
      stop.abort(new Interrupted(130));
    },
    out: stdout.read,
    err: stderr.read,
  };
};

/** The name of the Migration of the pod `shop/redis-1`. */
export const migrationName = 'redis-1-uid1';

const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'redis', uid: 'rs', controller: true };

/** `podWith`, of a ReplicaSet, so that it can be moved. */
export const movablePod = ({ metadata = {}, ...changes }: Parameters<typeof podWith>[0] = {}): Pod =>
  podWith({ metadata: { ownerReferences: [owner], ...metadata }, ...changes });

/** Puts in these nodes, each with an agent that is ready. */
export const putNodes = ({ api }: Plugin, ...names: readonly string[]): void => {
  for (const name of names) {
    api.put(nodes, nodeNamed(name));
    api.put(migrationNodes, agentOf(name));
  }
};

/** Puts in nodes w1 and w2, and on w1 the pod `shop/redis-1`, which can be moved. */
export const putMovable = (plugin: Plugin): void => {
  putNodes(plugin, 'w1', 'w2');
  plugin.api.put(pods, movablePod());
};
