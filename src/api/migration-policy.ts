import { z } from 'zod';
import { policyHooks } from './hook.ts';
import { labelSelector } from './label-selector.ts';
import { metadata } from './metadata.ts';
import { deadlineSeconds, lossPolicy } from './migration.ts';

/** What turns into moves without anybody asking for each of them. */
const triggers = z.object({
  cordon: z
    .boolean()
    .default(true)
    .describe(
      'a node that is cordoned is emptied of the pods that opted in; uncordoning takes back what has not committed',
    ),
  decommission: z
    .boolean()
    .default(true)
    .describe(
      'pods that opted in move away from a node that is decommissioned; otherwise they are evicted like all others on it',
    ),
  eviction: z
    .boolean()
    .default(true)
    .describe('an eviction of a pod that opted in becomes a move; otherwise it is allowed, with a warning'),
});

export const migrationPolicySpec = z.object({
  namespaceSelector: labelSelector
    .optional()
    .describe('the labels of the namespaces for whose pods the policy holds; without it, all of them'),
  podSelector: labelSelector
    .optional()
    .describe('the labels of the pods for which it holds; a policy that selects pods goes before one that does not'),
  triggers: triggers.default({ cordon: true, decommission: true, eviction: true }),
  priority: z
    .number()
    .int()
    .min(0)
    .max(1_000)
    .default(0)
    .describe('of the moves that wait the highest goes first; each minute of waiting counts as one more'),
  deadlineSeconds: deadlineSeconds.describe(
    'a move that nobody has asked for by name is given up when it has not committed by then',
  ),
  maxConcurrent: z.number().int().min(1).default(10).describe('moves in the whole cluster at once'),
  maxOutboundPerNode: z.number().int().min(1).default(2).describe('moves away from one node at once'),
  maxInboundPerNode: z.number().int().min(1).default(2).describe('moves to one node at once'),
  maxFreezeSeconds: z
    .number()
    .int()
    .min(1)
    .max(120)
    .default(10)
    .describe('a freeze that lasts longer and is not committed is rolled back'),
  lostConnections: lossPolicy
    .default('Allow')
    .describe('whether a move may end connections whose peers know the address of the node, which masquerades them'),
  retries: z
    .number()
    .int()
    .min(0)
    .max(10)
    .default(3)
    .describe('further attempts after one that was taken back for a fault that may pass'),
  onFailure: z
    .enum(['Evict', 'Block'])
    .default('Evict')
    .describe('what an eviction gets once the move has failed for good'),
  blockSeconds: z
    .number()
    .int()
    .min(60)
    .max(604_800)
    .default(3_600)
    .describe('for how long after the failure onFailure: Block keeps the pod; then its eviction is allowed'),
  hooks: policyHooks.optional().describe('what is run at points of each move'),
});
export type MigrationPolicySpec = z.infer<typeof migrationPolicySpec>;
/** As an administrator writes it: what is left out has its default. */
export type WrittenPolicySpec = z.input<typeof migrationPolicySpec>;

export const migrationPolicy = z.object({
  apiVersion: z.string().optional(),
  kind: z.string().optional(),
  metadata,
  spec: migrationPolicySpec,
});
export type MigrationPolicy = z.infer<typeof migrationPolicy>;

/** The name of the policy that holds where no other does. */
export const defaultPolicyName = 'default';

/** What holds when not even the default policy exists. */
export const builtInPolicy: MigrationPolicySpec = migrationPolicySpec.parse({});
