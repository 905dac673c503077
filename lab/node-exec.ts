import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { nodeFolder, nodeNamed, type LabNode } from './cluster.ts';
import { isAlive } from './host/lab-processes.ts';
import { outcome, run, type Outcome, type RunOptions } from './process.ts';

/** Running commands inside a node, as on a shell of that machine. */

const nodePath =
  '/opt/lab/kubernetes:/opt/lab/cri-dockerd:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The process id, on the host, of a node's first process; undefined when the node is not up. */
export function nodePid(node: LabNode): number | undefined {
  try {
    const pid = Number(readFileSync(join(nodeFolder(node.name), 'pid'), 'utf8'));
    return isAlive(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

function runningPid(node: LabNode): number {
  const pid = nodePid(node);
  if (pid !== undefined) return pid;
  throw new Error(`node ${node.name} is not up; start the lab with \`make lab-up\``);
}

/** nsenter's arguments; mounts first seen after the network matter, so never use `ip netns exec`, which remounts /sys. */
function enter(node: LabNode, command: readonly string[]): string[] {
  return ['-t', String(runningPid(node)), '-m', '-p', '-n', '-u', '-i', '--', ...command];
}

function environment(): NodeJS.ProcessEnv {
  return { PATH: nodePath, HOME: '/root', LANG: 'C.UTF-8', TERM: process.env.TERM ?? 'dumb' };
}

export type NodeRunOptions = Omit<RunOptions, 'env' | 'cwd'>;

/** Runs a command in a node and tells how it ended. */
export function outcomeInNode(
  name: string,
  command: readonly string[],
  options: NodeRunOptions = {},
): Promise<Outcome> {
  return outcome('nsenter', enter(nodeNamed(name), command), { ...options, env: environment() });
}

/** Runs a command in a node that has to succeed, and returns what it printed. */
export function runInNode(name: string, command: readonly string[], options: NodeRunOptions = {}): Promise<string> {
  return run('nsenter', enter(nodeNamed(name), command), { ...options, env: environment() });
}

/** Runs a command in a node on this process's own terminal or pipes; returns its exit code. */
export async function attachInNode(name: string, command: readonly string[]): Promise<number> {
  const child = spawn('nsenter', enter(nodeNamed(name), command), { stdio: 'inherit', env: environment() });
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 128;
}

/** Feeds a file of the host to a command in a node. */
export async function feedToNode(name: string, file: number, command: readonly string[]): Promise<void> {
  const child = spawn('nsenter', enter(nodeNamed(name), command), {
    stdio: [file, 'ignore', 'pipe'],
    env: environment(),
  });
  const errors: Buffer[] = [];
  child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) return;
  const detail = Buffer.concat(errors).toString('utf8').trim().slice(-1000);
  throw new Error(`${command.join(' ')} on ${name} failed with code ${String(code)}: ${detail}`);
}
