import { whileCacheIsOurs, whileLabIsOurs } from './cache/lock.ts';
import { attachInNode } from './node-exec.ts';
import { step } from './progress.ts';

const help = `A real Kubernetes cluster on this machine: one control plane and four workers, two with containerd
(n1, n2) and two with Docker Engine (n3, n4). Needs root.

usage: node lab/main.ts COMMAND

  up                          build what is missing, start the lab, wait until all nodes are Ready
  down                        remove every process, mount, link and cgroup of the lab
  status                      table of the nodes; exits with 1 unless all is well
  build                       build what is missing and nothing else
  preflight [--install]       tell what this machine lacks; with --install, install the packages
  load ARCHIVE [NODE…]        load an image (a docker-archive tar) into all nodes, or those named
  load-examples               build the images of examples/ where needed, and load them into all nodes
  shell NODE                  open a shell on a node
  exec NODE [--] COMMAND…     run a command on a node; exits with its code
  restart NODE DAEMON         end a daemon; its supervisor starts it again
  stop NODE DAEMON            end a daemon and keep it down
  start NODE DAEMON           let a stopped daemon run again
  crash NODE                  end all processes of a node at once
  boot NODE                   start a node that has crashed

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

// Each command loads its own modules: `exec` is called often and needs few of them.
const commands: Readonly<Record<string, Command>> = {
  up: async () => {
    const { bringUp } = await import('./up.ts');
    return done(whileLabIsOurs(() => whileCacheIsOurs(bringUp)));
  },
  down: async () => {
    const { takeDown } = await import('./down.ts');
    return done(whileLabIsOurs(() => step('taking the lab down', takeDown)));
  },
  status: async () => {
    const { printStatus } = await import('./status.ts');
    return (await printStatus()) ? 0 : 1;
  },
  build: async () => {
    const { buildOnly } = await import('./up.ts');
    return done(whileCacheIsOurs(buildOnly));
  },
  preflight: async ([flag]) => {
    const { preflight } = await import('./preflight/preflight.ts');
    if (flag !== undefined && flag !== '--install') throw new UsageError(`preflight knows no ${flag}`);
    return done(preflight(flag === '--install'));
  },
  load: async ([archive, ...names]) => {
    const { loadImageInto } = await import('./images/load.ts');
    return done(loadImageInto(needed(archive, 'an archive'), names));
  },
  'load-examples': async () => {
    const { loadExampleImages } = await import('./images/examples.ts');
    return done(whileCacheIsOurs(loadExampleImages));
  },
  shell: ([name]) => attachInNode(needed(name, 'a node'), ['env', `PS1=${name ?? ''}:\\w# `, 'bash', '--norc']),
  exec: ([name, ...rest]) => attachInNode(needed(name, 'a node'), commandOf(rest)),
  restart: (args) => daemonCommand('restartDaemon', args),
  stop: (args) => daemonCommand('stopDaemon', args),
  start: (args) => daemonCommand('startDaemon', args),
  crash: async ([name]) => {
    const { crashNode } = await import('./node/crash.ts');
    return done(crashNode(needed(name, 'a node')));
  },
  boot: async ([name]) => {
    const { bootNode } = await import('./node/crash.ts');
    return done(bootNode(needed(name, 'a node')));
  },
};

type DaemonChange = 'restartDaemon' | 'stopDaemon' | 'startDaemon';

async function daemonCommand(change: DaemonChange, [node, daemon]: readonly string[]): Promise<number> {
  const daemons = await import('./node/daemons.ts');
  return done(daemons[change](needed(node, 'a node'), needed(daemon, 'a daemon')));
}

async function done(work: Promise<unknown>): Promise<number> {
  await work;
  return 0;
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
