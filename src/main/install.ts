import { hostPlan } from '../install/plan.ts';
import { agentLabel } from '../api/names.ts';
import type { Step } from '../install/step.ts';
import { nodes } from '../api/resource.ts';
import { createKubeApi } from '../kube/client-node.ts';
import type { KubeApi } from '../kube/api.ts';
import { createLog, type Log } from '../log/log.ts';
import { removeAllTables } from '../agent/connections/kernel.ts';
import { removeRule } from '../agent/network/kernel-routes.ts';
import { parseInstallConfig } from './install-config.ts';
import { runtimeOf } from './node-runtime.ts';

const planFor = async (
  api: KubeApi,
  nodeName: string,
  scripts: string,
  signal: AbortSignal,
): Promise<readonly Step[]> => hostPlan(runtimeOf(await api.get(nodes, { name: nodeName }, signal)), scripts);

const carryOut = async (
  steps: readonly Step[],
  direction: 'apply' | 'revert',
  log: Log,
  signal: AbortSignal,
): Promise<void> => {
  for (const step of steps) {
    signal.throwIfAborted();
    const changed = await step[direction]();
    log.info({ step: step.what, changed }, direction === 'apply' ? 'Prepared the node' : 'Took a change back');
  }
};

/** Puts on the node what a host needs for moves. Repeating it changes nothing. */
export const runInstall = async (env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> => {
  const config = parseInstallConfig(env);
  const log = createLog({ role: 'install', level: config.logLevel });
  const api = await createKubeApi({});
  await carryOut(await planFor(api, config.nodeName, config.scripts, signal), 'apply', log, signal);
};

/** Leaves the node as it was before the installation. Pods of the RuntimeClass that still run there keep running, but cannot be restarted. */
export const runUninstall = async (env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> => {
  const config = parseInstallConfig(env);
  const log = createLog({ role: 'uninstall', level: config.logLevel });
  const api = await createKubeApi({});
  // First, so that no pod of the RuntimeClass is scheduled here any more.
  await api.patch(nodes, { name: config.nodeName }, { metadata: { labels: { [agentLabel]: null } } }, {}, signal);
  const steps = await planFor(api, config.nodeName, config.scripts, signal);
  await carryOut(steps.toReversed(), 'revert', log, signal);
  await removeRule();
  await removeAllTables();
};
