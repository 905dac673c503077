import { spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import type { Readable } from 'node:stream';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** Both outputs are appended to this file instead of being returned. */
  readonly log?: string;
  readonly timeoutMs?: number;
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end and says how it ended; throws only when it cannot be started. */
export async function outcome(program: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const log = options.log === undefined ? undefined : openSync(options.log, 'a');
  try {
    const child = spawn(program, args, spawnOptions(options, log ?? 'pipe'));
    const texts = [text(child.stdout), text(child.stderr)];
    // A program may end without reading all of its input; its exit code tells what matters.
    child.stdin?.on('error', () => undefined).end(options.input);
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    const [stdout = '', stderr = ''] = await Promise.all(texts);
    return { code: code ?? 128, stdout, stderr: signal === null ? stderr : `${stderr}ended by ${signal}` };
  } finally {
    if (log !== undefined) closeSync(log);
  }
}

function spawnOptions({ input, cwd, env, timeoutMs }: RunOptions, output: 'pipe' | number): SpawnOptions {
  return {
    stdio: [input === undefined ? 'ignore' : 'pipe', output, output],
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs, killSignal: 'SIGKILL' }),
  };
}

/** Runs a program that has to succeed and returns what it printed. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await outcome(program, args, options);
  if (code === 0) return stdout;
  const shown = [program, ...args].join(' ').slice(0, 300);
  const detail = options.log === undefined ? (stderr || stdout).trim().slice(-2000) : `see ${options.log}`;
  throw new Error(`${shown} failed with code ${String(code)}: ${detail}`);
}

export async function succeeds(program: string, args: readonly string[]): Promise<boolean> {
  return (await outcome(program, args)).code === 0;
}

async function text(stream: Readable | null): Promise<string> {
  if (!stream) return '';
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
