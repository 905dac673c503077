import { z } from 'zod';
import { metadata } from './metadata.ts';
import { runtimeName } from './migration.ts';

const masqueraded = z.object({
  ip: z.string(),
  peers: z.array(z.string()).describe('address, port and protocol of each'),
});
export type Masqueraded = z.infer<typeof masqueraded>;

/**
 * What an agent found on its node, by the node's name. A node counts as able to
 * send and receive while `ready` is true and `heartbeatTime` is recent.
 */
const migrationNodeStatus = z.object({
  ready: z.boolean(),
  message: z.string().optional().describe('why the node is not ready'),
  heartbeatTime: z.string(),
  runtime: runtimeName,
  runtimeVersion: z.string(),
  criuVersion: z.string().describe('as CRIU prints it, for example 4.2.1'),
  kernelVersion: z.string(),
  cpuFeatures: z.array(z.string()).describe('flags of the first processor, sorted'),
  address: z.string().describe('where the agent takes images'),
  port: z.number().int(),
  protocol: z.number().int().describe('agents of different protocols refuse each other'),
  freeMemoryBytes: z.number().int(),
  masqueraded: z
    .array(masqueraded)
    .optional()
    .describe('of leased addresses on the node: peers of connections that would end if their pod moved'),
});
export type MigrationNodeStatus = z.infer<typeof migrationNodeStatus>;

export const migrationNode = z.object({
  apiVersion: z.string().optional(),
  kind: z.string().optional(),
  metadata,
  status: migrationNodeStatus.optional(),
});
export type MigrationNode = z.infer<typeof migrationNode>;

/** A node whose agent has been silent for this long is not used. Agents write every 10 s. */
const heartbeatTimeoutMs = 45_000;
export const heartbeatPeriodMs = 10_000;

export type NodeFitness =
  { readonly usable: true; readonly status: MigrationNodeStatus } | { readonly usable: false; readonly why: string };

/** Can the agent of this node take part in a move now? */
export const fitnessOf = (node: MigrationNode | undefined, now: number): NodeFitness => {
  const status = node?.status;
  if (!status) return { usable: false, why: 'no Transship agent has reported from it' };
  if (!status.ready) return { usable: false, why: status.message ?? 'its agent is not ready' };
  const silentMs = now - Date.parse(status.heartbeatTime);
  if (silentMs > heartbeatTimeoutMs)
    return { usable: false, why: `its agent has been silent for ${Math.round(silentMs / 1000)} s` };
  return { usable: true, status };
};
