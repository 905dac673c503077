import { z } from 'zod';
import { runtimeClass } from '../api/names.ts';
import { inHost, run } from '../agent/host/command.ts';
import { findDaemon, flagOf, restartDaemon } from './daemon.ts';
import { applyEdit, type Edit, revertEdit } from './edit.ts';
import { runtimeWrapperPath } from './scripts.ts';
import type { Step } from './step.ts';
import { until } from './until.ts';

const runtimesJson = z.record(z.string(), z.looseObject({ path: z.string().optional() }));
const daemonJson = z.looseObject({ runtimes: runtimesJson.optional() });
const infoJson = z.looseObject({ DefaultRuntime: z.string(), Runtimes: runtimesJson });

const reloadLimitMs = 20_000;

const info = async () => infoJson.parse(JSON.parse(await run(inHost(['docker', 'info', '--format', '{{json .}}']))));

/** The OCI runtime that Docker uses where nothing else is asked for. */
export const dockerRunc = async (): Promise<string | undefined> => {
  const { DefaultRuntime, Runtimes } = await info();
  return Runtimes[DefaultRuntime]?.path;
};

const hasHandler = async (): Promise<boolean> => (await info()).Runtimes[runtimeClass] !== undefined;

const written = (config: object): string => `${JSON.stringify(config, null, 2)}\n`;

/** daemon.json with our runtime; everything else as it was. */
export const withRuntime = (text: string | undefined, path: string): string | undefined => {
  const config = daemonJson.parse(JSON.parse(text?.trim() ? text : '{}'));
  if (config.runtimes?.[runtimeClass]?.path === path) return undefined;
  return written({ ...config, runtimes: { ...config.runtimes, [runtimeClass]: { path } } });
};

/** daemon.json without our runtime. */
export const withoutRuntime = (text: string): string => {
  if (!text.includes(runtimeClass)) return text;
  const { runtimes = {}, ...config } = daemonJson.parse(JSON.parse(text));
  const others = Object.entries(runtimes).filter(([name]) => name !== runtimeClass);
  if (others.length === Object.keys(runtimes).length) return text;
  return written({ ...config, ...(others.length > 0 && { runtimes: Object.fromEntries(others) }) });
};

/** dockerd takes new runtimes on SIGHUP, without a restart (docs: "Configuration reload behavior"). */
const reload = async (pid: number, present: boolean): Promise<void> => {
  process.kill(pid, 'SIGHUP');
  await until('dockerd to reload its runtimes', reloadLimitMs, async () => (await hasHandler()) === present);
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
  const edit: Edit = {
    path: flagOf(daemon.command, '--config-file') ?? '/etc/docker/daemon.json',
    with: (text) => withRuntime(text, runtimeWrapperPath),
    without: withoutRuntime,
  };
  const reloaded = async (changed: boolean, present: boolean): Promise<boolean> => {
    // An earlier attempt may have ended between the file and the reload.
    if (!changed && (await hasHandler()) === present) return false;
    await reload(daemon.pid, present);
    await restartAdapter();
    return true;
  };
  return {
    what: 'the runtime handler in Docker',
    apply: async () => reloaded(await applyEdit(edit), true),
    revert: async () => reloaded(await revertEdit(edit), false),
  };
};
