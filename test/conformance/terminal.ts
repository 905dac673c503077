import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { kubeconfigFile } from '../../lab/cluster.ts';
import { kubectl, kubectlBinary } from '../cluster/kubectl.ts';
import type { Scene } from './scene.ts';

/** How a command has ended in a terminal. */
export interface Ending {
  /** 128 and the number of the signal, as a shell tells it, for what a signal has ended. */
  readonly code: number;
  /** Both outputs, in the order in which they came. */
  readonly said: string;
  readonly seconds: number;
}

export interface TerminalOptions {
  /** Types Ctrl-C as soon as it has said this. */
  readonly interruptAt?: string;
}

/** Longer than a move takes. */
export const patiently = '--timeout=60s';

const limitMs = 100_000;
const interrupted = 130;

/** Runs kubectl as a person does. */
const typed = async (args: readonly string[], { interruptAt }: TerminalOptions = {}): Promise<Ending> => {
  const begun = performance.now();
  // The shell and the script both hand over to kubectl, so it is kubectl that gets the signal.
  const child = spawn('sh', ['-c', 'exec "$0" "$@" 2>&1', kubectlBinary, ...args], {
    env: { ...process.env, KUBECONFIG: kubeconfigFile },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: limitMs,
    killSignal: 'SIGKILL',
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (interruptAt !== undefined && said.includes(interruptAt) && !child.killed) child.kill('SIGINT');
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  const seconds = (performance.now() - begun) / 1000;
  return { code: code ?? (signal === 'SIGINT' ? interrupted : 128), said, seconds };
};

export const wasInterrupted = ({ code }: Ending): boolean => code === interrupted;

/** `kubectl drain` of the scene's node, which is opened again at the end of the case. */
export const drain = async (
  { from, undo, transcript }: Scene,
  flags: readonly string[],
  options: TerminalOptions = {},
): Promise<Ending> => {
  undo.defer(async () => {
    await kubectl('uncordon', from);
  });
  const command = ['drain', from, '--ignore-daemonsets', ...flags];
  const ending = await typed(command, options);
  transcript.push(`$ kubectl ${command.join(' ')}\n${ending.said}(ended with ${String(ending.code)})`);
  return ending;
};
