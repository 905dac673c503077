import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Interrupted } from '../cli/failure.ts';
import { runCommandLine } from '../cli/program.ts';
import { createTerminal } from '../cli/progress/screen.ts';
import type { Connect } from '../cli/session.ts';
import type { Terminal } from '../cli/terminal.ts';
import { systemClock } from '../clock/system-clock.ts';
import type { ConnectOptions, KubeConnection } from '../kube/connection.ts';
import { ProcessTrace } from '../trace/tracer.ts';
import { newRun } from './run.ts';

/** What a shell gives for a process that this signal ended. */
const codes = { SIGINT: 130, SIGTERM: 143 } as const;
const brokenPipe = 141;

const stopSignal = (): AbortSignal => {
  const stop = new AbortController();
  for (const [name, code] of Object.entries(codes)) {
    process.once(name, () => {
      stop.abort(new Interrupted(code));
    });
  }
  return stop.signal;
};

/** The one file that kubectl would read; undefined when there are several, or none. */
const kubeconfigFile = (given: string | undefined, { KUBECONFIG = '' }: NodeJS.ProcessEnv): string | undefined => {
  if (given !== undefined) return given;
  const named = KUBECONFIG.split(delimiter).filter(Boolean);
  if (named.length > 0) return named.length === 1 ? named[0] : undefined;
  const usual = join(homedir(), '.kube', 'config');
  return existsSync(usual) ? usual : undefined;
};

/** Loaded when it is called for: a help text needs no connection, and most kubeconfigs need no client-node. */
const open = async (options: ConnectOptions, env: NodeJS.ProcessEnv): Promise<KubeConnection> => {
  const path = kubeconfigFile(options.kubeconfigPath, env);
  const { plainConnection } = await import('../kube/plain-connection.ts');
  const plain = path === undefined ? undefined : await plainConnection(path, options);
  if (plain) return plain;
  const { createKubeApi } = await import('../kube/client-node.ts');
  return createKubeApi(options);
};

/** As kubectl prints them, and each once. */
const warner = (terminal: Terminal): ((text: string) => void) => {
  const told = new Set<string>();
  return (text) => {
    if (!told.has(text)) terminal.err(`Warning: ${text}`);
    told.add(text);
  };
};

/** The plugin of kubectl as a process; resolves to its exit code. */
export const runPlugin = (words: readonly string[], env: NodeJS.ProcessEnv): Promise<number> => {
  const terminal = createTerminal(process.stdout, process.stderr);
  // `kubectl transship get | head -1` has seen enough.
  process.stdout.on('error', () => process.exit(brokenPipe));
  const signal = stopSignal();
  const connect: Connect = async ({ kubeconfig, context, namespace }) => {
    const api = await open({ kubeconfigPath: kubeconfig, context, onWarning: warner(terminal) }, env);
    const tracer = new ProcessTrace({ run: newRun(), clock: systemClock, write: () => undefined }).of('cli');
    const session = { terminal, clock: systemClock, random: Math.random, tracer, signal };
    return { ...session, api, namespace: namespace ?? api.namespace };
  };
  return runCommandLine(words, connect, terminal);
};
