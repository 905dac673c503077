import { z } from 'zod';
import { runtimeClass } from '../api/names.ts';
import { inHost, run } from '../agent/host/command.ts';
import { findDaemon, flagOf, restartDaemon } from './daemon.ts';
import { readHostFile, writeHostFile } from './host-file.ts';
import { runtimeWrapperPath } from './scripts.ts';
import type { Step } from './step.ts';
import { until } from './until.ts';

const daemonJson = z.looseObject({ runtimes: z.record(z.string(), z.unknown()).optional() });
const infoJson = z.looseObject({
  DefaultRuntime: z.string(),
  Runtimes: z.record(z.string(), z.looseObject({ path: z.string().optional() })),
});

const reloadLimitMs = 20_000;

const info = async () => infoJson.parse(JSON.parse(await run(inHost(['docker', 'info', '--format', '{{json .}}']))));

/** The OCI runtime that Docker uses where nothing else is asked for. */
export const dockerRunc = async (): Promise<string | undefined> => {
  const { DefaultRuntime, Runtimes } = await info();
  return Runtimes[DefaultRuntime]?.path;
};

/** daemon.json with, or without, our runtime; everything else as it was. */
export const withRuntime = (text: string | undefined, path: string | undefined): string => {
  const { runtimes: before = {}, ...config } = daemonJson.parse(JSON.parse(text?.trim() ? text : '{}'));
  const others = Object.fromEntries(Object.entries(before).filter(([name]) => name !== runtimeClass));
  const runtimes = path === undefined ? others : { ...others, [runtimeClass]: { path } };
  return `${JSON.stringify({ ...config, ...(Object.keys(runtimes).length > 0 && { runtimes }) }, null, 2)}\n`;
};

/** dockerd takes new runtimes on SIGHUP, without a restart (docs: "Configuration reload behavior"). */
const reload = async (pid: number, present: boolean): Promise<void> => {
  process.kill(pid, 'SIGHUP');
  await until(
    'dockerd to reload its runtimes',
    reloadLimitMs,
    async () => ((await info()).Runtimes[runtimeClass] !== undefined) === present,
  );
};

/**
 * cri-dockerd asks Docker for its runtimes at most once a minute (core/docker_service.go, getDockerInfo) and would
 * refuse pods of the RuntimeClass until then. Restarting it touches no container.
 */
const restartAdapter = async (): Promise<void> => {
  const before = await findDaemon('cri-dockerd');
  if (!before) return;
  await restartDaemon('cri-docker', before.pid);
  await until('cri-dockerd to be back after its restart', reloadLimitMs, async () => {
    const now = await findDaemon('cri-dockerd');
    return now !== undefined && now.pid !== before.pid;
  });
};

export const dockerHandler = async (): Promise<Step> => {
  const daemon = await findDaemon('dockerd');
  if (!daemon) throw new Error('No dockerd process runs on this node, though its kubelet uses Docker');
  const path = flagOf(daemon.command, '--config-file') ?? '/etc/docker/daemon.json';
  const change = async (wrapper: string | undefined): Promise<boolean> => {
    const changed = await writeHostFile(path, withRuntime(await readHostFile(path), wrapper));
    if (changed) {
      await reload(daemon.pid, wrapper !== undefined);
      await restartAdapter();
    }
    return changed;
  };
  return {
    what: 'the runtime handler in Docker',
    apply: () => change(runtimeWrapperPath),
    revert: () => change(undefined),
  };
};
