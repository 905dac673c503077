import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Interrupted } from '../cli/failure.ts';
import { runCommandLine } from '../cli/program.ts';
import { createTerminal } from '../cli/progress/screen.ts';
import type { Connect, ConnectionOptions } from '../cli/session.ts';
import { systemClock } from '../clock/system-clock.ts';
import type { KubeConnection } from '../kube/connection.ts';

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
const open = async ({ kubeconfig, context }: ConnectionOptions, env: NodeJS.ProcessEnv): Promise<KubeConnection> => {
  const path = kubeconfigFile(kubeconfig, env);
  const { plainConnection } = await import('../kube/plain-connection.ts');
  const plain = path === undefined ? undefined : await plainConnection(path, context);
  if (plain) return plain;
  const { createKubeApi } = await import('../kube/client-node.ts');
  return createKubeApi({ kubeconfigPath: kubeconfig, context });
};

/** The plugin of kubectl as a process; resolves to its exit code. */
export const runPlugin = (words: readonly string[], env: NodeJS.ProcessEnv): Promise<number> => {
  const terminal = createTerminal(process.stdout, process.stderr);
  // `kubectl transship get | head -1` has seen enough.
  process.stdout.on('error', () => process.exit(brokenPipe));
  const signal = stopSignal();
  const connect: Connect = async (options) => {
    const api = await open(options, env);
    const namespace = options.namespace ?? api.namespace;
    return { api, namespace, terminal, clock: systemClock, random: Math.random, signal };
  };
  return runCommandLine(words, connect, terminal);
};
