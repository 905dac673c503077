import { existsSync } from 'node:fs';

import { buildAll } from './build/all.ts';
import { exclusively } from './cache/lock.ts';
import { nodeNamed, nodes } from './cluster.ts';
import { takeDown } from './down.ts';
import { loadImage } from './images/load.ts';
import { attachInNode } from './node-exec.ts';
import { restartDaemon, startDaemon, stopDaemon } from './node/daemons.ts';
import { preflight, requirePreflight } from './preflight/preflight.ts';
import { say, step } from './progress.ts';
import { printStatus } from './status.ts';
import { bringUp } from './up.ts';

const help = `A real Kubernetes cluster on this machine: one control plane and four workers, two with containerd
(n1, n2) and two with Docker Engine (n3, n4). Needs root.

usage: node lab/main.ts COMMAND

  up                          build what is missing, start the lab, wait until all nodes are Ready
  down                        remove every process, mount, link and cgroup of the lab
  status                      table of the nodes; exits with 1 unless all is well
  build                       build what is missing and nothing else
  preflight [--install]       tell what this machine lacks; with --install, install the packages
  load ARCHIVE [NODE…]        load an image (a docker-archive tar) into all nodes, or those named
  shell NODE                  open a shell on a node
  exec NODE [--] COMMAND…     run a command on a node; exits with its code
  restart NODE DAEMON         end a daemon; its supervisor starts it again
  stop NODE DAEMON            end a daemon and keep it down
  start NODE DAEMON           let a stopped daemon run again

examples:
  node lab/main.ts up && lab/bin/kubectl get nodes
  node lab/main.ts exec n1 -- ctr -n k8s.io containers list
  node lab/main.ts exec n3 -- docker ps
  node lab/main.ts restart n1 containerd
  node lab/main.ts load out/transship.tar n1 n3

The cache is in TRANSSHIP_LAB_CACHE, or else in ~/.cache/transship-lab.
`;

type Command = (args: readonly string[]) => Promise<number>;

class UsageError extends Error {}

const commands: Readonly<Record<string, Command>> = {
  up: () => done(exclusively(bringUp)),
  down: () => done(exclusively(() => step('taking the lab down', takeDown))),
  status: async () => ((await printStatus()) ? 0 : 1),
  build: () => done(exclusively(build)),
  preflight: ([flag]) => done(preflight(flag === '--install')),
  load: ([archive, ...names]) => done(load(needed(archive, 'an archive'), names)),
  shell: ([name]) => attachInNode(needed(name, 'a node'), ['env', `PS1=${name ?? ''}:\\w# `, 'bash', '--norc']),
  exec: ([name, ...rest]) => attachInNode(needed(name, 'a node'), commandOf(rest)),
  restart: ([name, daemon]) => done(restartDaemon(needed(name, 'a node'), needed(daemon, 'a daemon'))),
  stop: ([name, daemon]) => done(stopDaemon(needed(name, 'a node'), needed(daemon, 'a daemon'))),
  start: ([name, daemon]) => done(startDaemon(needed(name, 'a node'), needed(daemon, 'a daemon'))),
};

async function done(work: Promise<unknown>): Promise<number> {
  await work;
  return 0;
}

async function build(): Promise<void> {
  await requirePreflight();
  await buildAll();
  say('everything is built');
}

async function load(archive: string, names: readonly string[]): Promise<void> {
  if (!existsSync(archive)) throw new Error(`there is no archive ${archive}`);
  const targets = names.length === 0 ? nodes : names.map(nodeNamed);
  const where = targets.map(({ name }) => name).join(', ');
  await step(`loading ${archive} into ${where}`, () => Promise.all(targets.map((node) => loadImage(node, archive))));
}

function needed(argument: string | undefined, what: string): string {
  if (argument) return argument;
  throw new UsageError(`${what} is missing`);
}

function commandOf(rest: readonly string[]): readonly string[] {
  const command = rest[0] === '--' ? rest.slice(1) : rest;
  if (command.length > 0) return command;
  throw new UsageError('a command is missing');
}

const [name = '--help', ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
try {
  if (command) process.exitCode = await command(args);
  else if (['--help', '-h', 'help'].includes(name)) process.stdout.write(help);
  else throw new UsageError(`there is no command ${name}`);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`lab: ${message}\n`);
  if (error instanceof UsageError) process.stderr.write('`node lab/main.ts --help` lists the commands\n');
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
