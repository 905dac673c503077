import { join } from 'node:path';
import { inHost, run } from '../agent/host/command.ts';
import { type ContainerdFacts, containerdFacts, handlerDropIn, withImport } from './containerd-config.ts';
import { type Daemon, findDaemon, flagOf, restartDaemon } from './daemon.ts';
import { readHostFile, removeHostFile, writeHostFile } from './host-file.ts';
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

/**
 * The runtime handler in containerd, as a drop-in file. containerd reads its
 * configuration only when it starts; containers go on running meanwhile, because
 * their shims do.
 */
export const containerdHandler = ({ facts, configPath }: Containerd): Step => ({
  what: 'the runtime handler in containerd',
  async apply() {
    const dropIn = await writeHostFile(dropInPath, handlerDropIn(facts, runtimeWrapperPath));
    const text = (await readHostFile(configPath)) ?? `version = ${facts.version}\n`;
    const imported = withImport(text, facts.imports, join(dropInFolder, '*.toml'));
    const changed = imported !== undefined && !facts.hasHandler && (await writeHostFile(configPath, imported));
    if (dropIn || changed) await restart();
    return dropIn || changed;
  },
  // The import of an empty folder stays: it changes nothing, and others may use the folder by now.
  async revert() {
    const removed = await removeHostFile(dropInPath);
    if (removed) await restart();
    return removed;
  },
});
