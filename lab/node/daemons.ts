import { existsSync, readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { nodeNamed, nodeShare, type LabNode } from '../cluster.ts';
import { services } from '../config/files.ts';
import { networkOfLab } from '../network-kind.ts';
import { outcomeInNode, runInNode } from '../node-exec.ts';
import { until } from '../wait.ts';

/** The daemons of a node, kept by its supervisor, and how to stop and restart one. */

const runFile = (node: LabNode, name: string): string => join(nodeShare(node.name), 'run', name);

/** The daemon's process id inside its node. */
function daemonPid(node: LabNode, daemon: string): string | undefined {
  const file = runFile(node, `${daemon}.pid`);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

export async function daemonsDown(node: LabNode): Promise<readonly string[]> {
  const wanted = services(node, networkOfLab());
  const pids = wanted.map((daemon) => daemonPid(node, daemon) ?? 'none');
  const { stdout } = await outcomeInNode(node.name, ['sh', '-c', `cd /proc && ls -d ${pids.join(' ')}`]);
  const alive = new Set(stdout.split('\n'));
  return wanted.filter((_, index) => !alive.has(pids[index] ?? ''));
}

function knownDaemon(nodeName: string, daemon: string): LabNode {
  const node = nodeNamed(nodeName);
  const known = services(node, networkOfLab());
  if (known.includes(daemon)) return node;
  throw new Error(`node ${nodeName} has no daemon ${daemon}; it has ${known.join(', ')}`);
}

export async function stopDaemon(nodeName: string, daemon: string): Promise<void> {
  const node = knownDaemon(nodeName, daemon);
  await writeFile(runFile(node, `${daemon}.stopped`), '');
  await terminate(node, daemon);
}

export async function startDaemon(nodeName: string, daemon: string): Promise<void> {
  const node = knownDaemon(nodeName, daemon);
  await rm(runFile(node, `${daemon}.stopped`), { force: true });
  await until({ what: `${daemon} on ${nodeName} to start`, timeoutMs: 15_000 }, () =>
    Promise.resolve(daemonPid(node, daemon)),
  );
}

export async function restartDaemon(nodeName: string, daemon: string): Promise<void> {
  const node = knownDaemon(nodeName, daemon);
  await terminate(node, daemon);
  await startDaemon(nodeName, daemon);
}

/** Ends a daemon, gently at first, and waits until its supervisor has seen it. */
async function terminate(node: LabNode, daemon: string): Promise<void> {
  const pid = daemonPid(node, daemon);
  if (pid === undefined) return;
  await outcomeInNode(node.name, ['kill', '-TERM', pid]);
  const gone = async (): Promise<true | undefined> =>
    (await readFile(runFile(node, `${daemon}.pid`), 'utf8').catch(() => '')).trim() === pid ? undefined : true;
  const patience = { what: `${daemon} on ${node.name} to end`, timeoutMs: 15_000, everyMs: 50 };
  await until(patience, gone).catch(async () => {
    await runInNode(node.name, ['kill', '-KILL', pid]);
    await until(patience, gone);
  });
}

const killAndWait = 'kill -KILL "$1" && while kill -0 "$1" 2>/dev/null; do sleep 0.01; done';

/** Ends a daemon at once, as a crash does. Its supervisor starts it again: `back` resolves when it has. */
export async function killDaemon(nodeName: string, daemon: string): Promise<{ back(): Promise<void> }> {
  const node = knownDaemon(nodeName, daemon);
  const pid = daemonPid(node, daemon);
  if (pid === undefined) throw new Error(`${daemon} on ${nodeName} does not run`);
  await runInNode(nodeName, ['sh', '-c', killAndWait, 'kill', pid]);
  return {
    async back() {
      await until({ what: `${daemon} on ${nodeName} to start again`, timeoutMs: 15_000, everyMs: 50 }, () => {
        const now = daemonPid(node, daemon);
        return Promise.resolve(now === undefined || now === pid ? undefined : true);
      });
    },
  };
}
