import { z } from 'zod';
import { metadata } from './metadata.ts';

/** What turns into moves without anybody asking for each of them. */
const triggers = z.object({
  cordon: z
    .boolean()
    .default(false)
    .describe(
      'a node that is cordoned is emptied of the pods that opted in; uncordoning takes back what has not committed',
    ),
});

export const migrationPolicySpec = z.object({
  triggers: triggers.default({ cordon: false }),
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
});
export type MigrationPolicySpec = z.infer<typeof migrationPolicySpec>;

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
