import { onHost } from '../agent/host/paths.ts';
import { runAgentOn } from '../agent/agent.ts';
import { connectContainerd } from '../agent/runtime/containerd/containerd.ts';
import { connectDocker } from '../agent/runtime/docker/docker.ts';
import type { RuntimePort } from '../agent/runtime/port.ts';
import type { RuntimeName } from '../api/migration.ts';
import { nodes } from '../api/resource.ts';
import { systemClock } from '../clock/system-clock.ts';
import { openFailPoints } from '../failpoint/open.ts';
import { readHostFile } from '../install/host-file.ts';
import { realRuncPath } from '../install/scripts.ts';
import { createKubeApi } from '../kube/client-node.ts';
import { createEventRecorder } from '../kube/events.ts';
import { createLog } from '../log/log.ts';
import { traceTo } from '../log/trace-log.ts';
import { ProcessTrace } from '../trace/tracer.ts';
import { type AgentConfig, parseAgentConfig } from './agent-config.ts';
import { newRun } from './run.ts';
import { runtimeOf } from './node-runtime.ts';

const connect: Record<RuntimeName, (config: AgentConfig) => RuntimePort> = {
  containerd: (config) => connectContainerd(onHost(config.containerdSocket), config.protoPath),
  docker: (config) => connectDocker(onHost(config.dockerSocket)),
};

/** The role `agent`: runs until `signal` aborts, then settles what is in flight. */
export const runAgent = async (env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> => {
  const config = parseAgentConfig(env);
  const log = createLog({ role: 'agent', level: config.logLevel }).child({ node: config.nodeName });
  const clock = systemClock;
  const api = await createKubeApi({});
  const runtime = connect[runtimeOf(await api.get(nodes, { name: config.nodeName }, signal))](config);
  const runc = (await readHostFile(realRuncPath))?.trim();
  if (!runc)
    throw new Error(`${realRuncPath} is missing on node ${config.nodeName}: the init container "install" has not run`);
  const events = createEventRecorder({ api, clock, log, controller: 'transship.dev/agent', instance: config.podName });
  const trace = new ProcessTrace({ run: newRun(), clock, write: traceTo({ role: 'agent' }) });
  const tracer = trace.of(`agent-${config.nodeName}`);
  const points = openFailPoints(config.faultURL, { pod: config.podName, node: config.nodeName });
  try {
    await runAgentOn(
      { ...config, api, runtime, runc, clock, log, events, tracer, points, random: Math.random },
      signal,
    );
  } finally {
    trace.close();
    points.close();
    await events.flush();
    runtime.close();
  }
};
