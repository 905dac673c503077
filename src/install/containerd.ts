import { join } from 'node:path';
import { inHost, run } from '../agent/host/command.ts';
import { type ContainerdFacts, containerdFacts, handlerDropIn, withImport } from './containerd-config.ts';
import { type Daemon, findDaemon, flagOf, restartDaemon } from './daemon.ts';
import { applyEdit, type Edit, revertEdit } from './edit.ts';
import { runtimeWrapperPath } from './scripts.ts';
import type { Step } from './step.ts';
import { until } from './until.ts';

const dropInFolder = '/etc/containerd/conf.d';
const dropInPath = join(dropInFolder, '50-transship.toml');
const restartLimitMs = 30_000;

interface Containerd {
  readonly daemon: Daemon;
  readonly configPath: string;
  readonly facts: ContainerdFacts;
}

const dump = (configPath: string): Promise<string> =>
  run(inHost(['containerd', '--config', configPath, 'config', 'dump']));

export const findContainerd = async (): Promise<Containerd> => {
  // Docker's own containerd has its configuration under Docker's folders, and is not the kubelet's.
  const daemon = await findDaemon(
    'containerd',
    (command) => !(flagOf(command, '--config', '-c') ?? '').includes('docker'),
  );
  if (!daemon) throw new Error('No containerd process runs on this node, though its kubelet uses containerd');
  const configPath = flagOf(daemon.command, '--config', '-c') ?? '/etc/containerd/config.toml';
  return { daemon, configPath, facts: containerdFacts(await dump(configPath)) };
};

const restart = async (): Promise<void> => {
  const before = await findContainerd();
  await restartDaemon('containerd', before.daemon.pid);
  await until(`containerd to be back after its restart`, restartLimitMs, async () => {
    const now = await findContainerd();
    if (now.daemon.pid === before.daemon.pid) return false;
    await run(inHost(['ctr', 'version']), { timeoutMs: 3_000 });
    return true;
  });
};

const dropIn = (facts: ContainerdFacts): Edit => ({
  path: dropInPath,
  with: () => handlerDropIn(facts, runtimeWrapperPath),
  without: () => undefined,
});

const mainFile = ({ facts, configPath }: Containerd): Edit => ({
  path: configPath,
  with: (text = `version = ${facts.version}\n`) =>
    facts.hasHandler ? undefined : withImport(text, facts.imports, join(dropInFolder, '*.toml')),
  // In a file that was changed since, the import stays: of an empty folder it does nothing, and others may use it by now.
  without: (text) => text,
});

/**
 * The runtime handler in containerd, as a drop-in file. containerd reads its
 * configuration only when it starts; containers go on running meanwhile, because
 * their shims do.
 */
export const containerdHandler = (containerd: Containerd): Step => {
  const edits = [dropIn(containerd.facts), mainFile(containerd)];
  const each = async (change: (edit: Edit) => Promise<boolean>): Promise<boolean> => {
    const changed = [];
    for (const edit of edits) changed.push(await change(edit));
    if (changed.includes(true)) await restart();
    return changed.includes(true);
  };
  return { what: 'the runtime handler in containerd', apply: () => each(applyEdit), revert: () => each(revertEdit) };
};
