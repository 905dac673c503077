import { type ChildProcess, spawn } from 'node:child_process';

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
  readonly input?: string;
}

/** A command that ended with another code than 0, with what it said last. */
export class CommandError extends Error {
  readonly outcome: Outcome;

  constructor(command: readonly string[], outcome: Outcome) {
    const said = outcome.stderr.trim().split('\n').slice(-3).join(' | ');
    super(`${command.slice(0, 6).join(' ')} ended with ${outcome.code ?? 'a signal'}${said ? `: ${said}` : ''}`);
    this.name = 'CommandError';
    this.outcome = outcome;
  }
}

// Daemons on a host often have a longer PATH than a container has.
const environment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

/** The same command in the mount namespace of the host; the network namespace is already the host's. */
export const inHost = (command: readonly string[]): readonly string[] => [
  'nsenter',
  '--target',
  '1',
  '--mount',
  '--',
  ...command,
];

/**
 * As {@link inHost}, and sees cgroups as the host does: an engine may give a container a cgroup namespace of its own, in
 * which all paths begin at the container (Docker under cgroup v2: `default-cgroupns-mode`).
 */
export const amongHostCgroups = (command: readonly string[]): readonly string[] => [
  'nsenter',
  '--target',
  '1',
  '--mount',
  '--cgroup',
  '--',
  ...command,
];

/** The same command in a network namespace: of a process (its PID) or at a path of the host. */
export const inNetwork = (network: number | string, command: readonly string[]): readonly string[] =>
  typeof network === 'number'
    ? ['nsenter', '--target', String(network), '--net', '--', ...command]
    : ['nsenter', '--target', '1', '--mount', '--', 'nsenter', `--net=${network}`, '--', ...command];

export const start = (
  command: readonly string[],
  options: { readonly signal?: AbortSignal | undefined } = {},
): ChildProcess => {
  const [file = '', ...args] = command;
  return spawn(file, args, {
    env: environment,
    stdio: 'pipe',
    ...(options.signal && { signal: options.signal, killSignal: 'SIGKILL' as const }),
  });
};

/** Resolves when the process has ended and its output has been read; rejects only when it could not be started. */
export const outcomeOf = (child: ChildProcess): Promise<Outcome> => {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (b: Buffer) => out.push(b));
  child.stderr?.on('data', (b: Buffer) => err.push(b));
  child.stdin?.on('error', () => undefined); // EPIPE of a process that ended early: its code tells
  child.on('error', reject);
  child.on('close', (code) => {
    resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
  });
  return promise;
};

/** Runs a command to its end. Rejects with {@link CommandError} on any code but 0. */
export const run = async (command: readonly string[], options: CommandOptions = {}): Promise<string> => {
  const limit = AbortSignal.timeout(options.timeoutMs ?? 30_000);
  const child = start(command, { signal: options.signal ? AbortSignal.any([options.signal, limit]) : limit });
  const ended = outcomeOf(child);
  child.stdin?.end(options.input ?? '');
  const outcome = await ended;
  if (outcome.code !== 0) throw new CommandError(command, outcome);
  return outcome.stdout;
};
