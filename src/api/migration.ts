import { z } from 'zod';
import { acceptedHook, hookResult } from './hook.ts';
import { condition, metadata } from './metadata.ts';
import { phases } from './phase.ts';

const milliseconds = z.number().int().min(0);

export const runtimeName = z.enum(['containerd', 'docker']);
export type RuntimeName = z.infer<typeof runtimeName>;

/** What the CNI gave the source; the target gets exactly this. */
export const podAddress = z.object({
  ip: z.string().describe('IPv4 address of the pod'),
  prefixLength: z.number().int().min(0).max(32),
  gateway: z.string().optional().describe('next hop of the default route inside the pod'),
});
export type PodAddress = z.infer<typeof podAddress>;

/** For how long a move may be tried. */
export const deadlineSeconds = z.number().int().min(10).max(86_400).default(600);

export const migrationSpec = z.object({
  podName: z.string().min(1).max(253).describe('the pod to move; it lives in the namespace of the Migration'),
  podUID: z.string().optional().describe('moves this very pod and no later one of the same name'),
  targetNodeName: z.string().optional().describe('moves to this node only; without it the scheduler chooses'),
  trigger: z
    .enum(['Eviction', 'Request', 'Cordon', 'Decommission', 'EvictionRequest'])
    .default('Request')
    .describe('what asked for the move first'),
  deadlineSeconds: deadlineSeconds.describe('gives up when the move has not committed by then'),
  cancel: z.boolean().optional().describe('true takes the move back as long as it has not committed'),
});
export type MigrationSpec = z.infer<typeof migrationSpec>;
export type Trigger = MigrationSpec['trigger'];

/** Of one side, in the order in which the kubelet starts them: sidecars before the others (KEP-753). */
const movedContainer = z.object({
  name: z.string(),
  id: z.string().describe('as its runtime knows it'),
});

/** What resolv.conf says, in the words of a pod's dnsConfig. */
const resolver = z.object({
  nameservers: z.array(z.string()),
  searches: z.array(z.string()),
  options: z.array(z.object({ name: z.string(), value: z.string().optional() })),
});
export type Resolver = z.infer<typeof resolver>;

const sourceStatus = z.object({
  nodeName: z.string(),
  podUID: z.string(),
  runtime: runtimeName.optional(),
  containers: z.array(movedContainer).optional().describe('those that its agent found running'),
  address: podAddress.optional(),
  resolver: resolver
    .optional()
    .describe('what its kubelet wrote into /etc/resolv.conf; that of another node might write something else'),
  memoryBytes: z.number().int().optional(),
  keepsName: z
    .boolean()
    .optional()
    .describe('the target has its name, so its object is removed before the target is made'),
  lostConnections: z
    .array(z.string())
    .optional()
    .describe('peers of its connections that end with the move, because they know the address of its node'),
  signalsHeld: z.boolean().optional().describe('its agent keeps signals away from it: its object may be removed'),
  stateWithheld: z
    .boolean()
    .optional()
    .describe('it does so by withholding the state that runc reads, as the pod was not started under our RuntimeClass'),
  ended: z.boolean().optional().describe('its object was removed, the move failed, and its processes are gone'),
});
export type SourceStatus = z.infer<typeof sourceStatus>;

const targetStatus = z.object({
  podName: z.string(),
  podUID: z.string().optional(),
  nodeName: z.string().optional(),
  runtime: runtimeName.optional(),
  containers: z.array(movedContainer).optional().describe('those that are restored'),
  releaseTime: z.string().optional().describe('when its agent let it run'),
});
export type TargetStatus = z.infer<typeof targetStatus>;

const timings = z.object({
  freezeMs: milliseconds.optional().describe('source frozen until target released, by the clock of the source node'),
  dumpMs: milliseconds.optional(),
  filesMs: milliseconds.optional().describe('files that changed since they were first copied'),
  transferMs: milliseconds.optional(),
  restoreMs: milliseconds.optional(),
  commitMs: milliseconds.optional(),
  releaseMs: milliseconds.optional(),
});
export type Timings = z.infer<typeof timings>;

/** What is to become of a move that would end connections of the pod. */
export const lossPolicy = z.enum(['Allow', 'Refuse']);

/** What a move was accepted under; a later change of the policy concerns later moves. */
const terms = z.object({
  retries: z.number().int().min(0),
  maxFreezeSeconds: z.number().int().min(1),
  policy: z.string().optional().describe('the MigrationPolicy of the pod; without one, what is built in holds'),
  priority: z.number().int().min(0).optional().describe('what the policy gave it'),
  lostConnections: lossPolicy.optional().describe('Refuse: the move must not end a connection of the pod'),
  hooks: z.array(acceptedHook).optional().describe('of the policy and of the pod, in the order in which they are run'),
});

/** An attempt that was taken back. */
const attempt = z.object({
  number: z.number().int().min(1),
  phase: z.enum(phases).describe('how far it came'),
  nodeName: z.string().optional().describe('the target node, once there was one'),
  endTime: z.string(),
  reason: z.string(),
  message: z.string(),
});
export type Attempt = z.infer<typeof attempt>;

/** From then on there is no way back but to start the pod anew. */
const removal = z.object({
  time: z.string(),
  pod: z.string().describe('the source as it was, as JSON: its target is made from it'),
});
export type Removal = z.infer<typeof removal>;

const phaseTransition = z.object({ phase: z.enum(phases), time: z.string() });

export const migrationStatus = z.object({
  phase: z.enum(phases).default('Pending'),
  reason: z.string().optional().describe('one word from the registry of reasons'),
  message: z.string().optional(),
  source: sourceStatus.optional(),
  target: targetStatus.optional(),
  conditions: z.array(condition).optional(),
  phaseTransitions: z.array(phaseTransition).optional(),
  terms: terms.optional(),
  attempt: z.number().int().min(1).optional().describe('number of the present attempt'),
  attempts: z.array(attempt).optional().describe('those that were taken back, each with its reason'),
  notBefore: z.string().optional().describe('when the next attempt may begin'),
  removal: removal.optional().describe('the object of the source is removed so that its target can have the name'),
  hooks: z.array(hookResult).optional().describe('those that were run, each with what became of it'),
  announced: z
    .record(z.string(), z.number().int().min(0))
    .optional()
    .describe('how many of its events each sink has taken; written when the move is over'),
  timings: timings.optional(),
  imageBytes: z.number().int().optional(),
  trace: z
    .record(z.string(), z.number().int().min(0))
    .optional()
    .describe('how many events of each process the writer of this status knows of: a vector clock'),
});
export type MigrationStatus = z.infer<typeof migrationStatus>;

export const migration = z.object({
  apiVersion: z.string().optional(),
  kind: z.string().optional(),
  metadata,
  spec: migrationSpec,
  status: migrationStatus.optional(),
});
export type Migration = z.infer<typeof migration>;

export const phaseOf = (m: Migration) => m.status?.phase ?? 'Pending';

/** The number of the attempt that is under way. */
export const attemptOf = (m: Migration): number => m.status?.attempt ?? 1;

/**
 * The name of the one Migration of a pod: derived from the pod's UID, so that
 * every repeated and every concurrent request finds the first one's.
 */
export const migrationNameOf = (podName: string, podUID: string): string => {
  const suffix = podUID.replaceAll('-', '').slice(0, 12);
  return `${podName.slice(0, 253 - suffix.length - 1).replace(/[-.]+$/, '')}-${suffix}`;
};
