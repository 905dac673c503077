import { z } from 'zod';
import { type LogLevel, logLevels } from '../log/log.ts';
import { parseEnvironment } from './config-error.ts';

const schema = z.object({
  NODE_NAME: z.string({ error: 'set it to the name of the node (downward API: spec.nodeName)' }).min(1),
  NODE_IP: z.ipv4({ error: 'set it to the IPv4 address of the node (downward API: status.hostIP)' }),
  POD_NAME: z.string().default('transship-agent'),
  TRANSSHIP_AGENT_PORT: z.coerce.number().int().min(1).max(65_535).default(7443),
  TRANSSHIP_PROTO: z.string().default('/opt/transship/proto/cri.proto'),
  TRANSSHIP_CONTAINERD_SOCKET: z.string().default('/run/containerd/containerd.sock'),
  TRANSSHIP_DOCKER_SOCKET: z.string().default('/run/docker.sock'),
  TRANSSHIP_LOG_LEVEL: z.enum(logLevels).default('info'),
  TRANSSHIP_FAULT_URL: z.url({ protocol: /^http$/, error: 'set it to an http address, or not at all' }).optional(),
});

export interface AgentConfig {
  readonly nodeName: string;
  readonly nodeIP: string;
  readonly podName: string;
  readonly port: number;
  readonly protoPath: string;
  /** Paths on the host. */
  readonly containerdSocket: string;
  readonly dockerSocket: string;
  readonly logLevel: LogLevel;
  /** Where tests of faults listen; absent on every cluster but theirs. */
  readonly faultURL: string | undefined;
}

export const parseAgentConfig = (env: NodeJS.ProcessEnv): AgentConfig => {
  const e = parseEnvironment(schema, env);
  return {
    nodeName: e.NODE_NAME,
    nodeIP: e.NODE_IP,
    podName: e.POD_NAME,
    port: e.TRANSSHIP_AGENT_PORT,
    protoPath: e.TRANSSHIP_PROTO,
    containerdSocket: e.TRANSSHIP_CONTAINERD_SOCKET,
    dockerSocket: e.TRANSSHIP_DOCKER_SOCKET,
    logLevel: e.TRANSSHIP_LOG_LEVEL,
    faultURL: e.TRANSSHIP_FAULT_URL,
  };
};
