import { z } from 'zod';
import { labelSelector } from './label-selector.ts';
import { condition, metadata } from './metadata.ts';
import { podAddress } from './migration.ts';

const count = z.number().int().min(0);

/** The longest text that an IPv4 network has; bounds what the rules of the definition cost. */
const networkText = z.string().max(18);

const ipPoolSpec = z.object({
  cidr: networkText.describe(
    'IPv4 network, for example 10.245.0.0/16; its first address is the gateway that pods see. When it is changed, pods keep the addresses that they have',
  ),
  reserved: z
    .array(networkText)
    .max(64)
    .optional()
    .describe('IPv4 networks and addresses that no pod gets, for example 10.245.0.0/28'),
  namespaceSelector: labelSelector
    .optional()
    .describe('the labels of the namespaces whose pods get addresses of it; without it, all of them'),
  podSelector: labelSelector
    .optional()
    .describe(
      'the labels of the pods that get addresses of it; a pool that selects pods goes before one that does not',
    ),
  disabled: z.boolean().optional().describe('true: gives no more addresses; those that are in use stay'),
});

const ipPoolStatus = z.object({
  capacity: count.describe('addresses that pods can have, in use or not'),
  leased: count.describe('addresses of it that pods have'),
  free: count.describe('addresses that the next pods can get'),
  reason: z.string().describe('one word from the registry of reasons'),
  message: z.string(),
  serviceCIDRs: z.array(z.string()).describe('what Services have in this cluster, and pods therefore do not get'),
  withheld: z
    .array(z.object({ range: z.string(), from: z.string() }))
    .optional()
    .describe('what is not given because somebody else has it, at most 20 entries'),
  conditions: z.array(condition).optional(),
});
export type IPPoolStatus = z.infer<typeof ipPoolStatus>;

/** A range of addresses that opted-in pods get, so that an address belongs to no node. */
export const ipPool = z.object({
  apiVersion: z.string().optional(),
  kind: z.string().optional(),
  metadata,
  spec: ipPoolSpec,
  status: ipPoolStatus.optional(),
});
export type IPPool = z.infer<typeof ipPool>;

/**
 * One address in use, named after the address itself: two creations of the same
 * name cannot both succeed, so the API server makes the allocation unique.
 * `nodeName` says where the address lives now; every agent routes by it.
 */
const ipLeaseSpec = podAddress.extend({
  pool: z.string().optional().describe('the IPPool it was taken from; none for an address of a node that has moved'),
  nodeName: z.string(),
  podNamespace: z.string(),
  podName: z.string(),
  podUID: z.string(),
});
export type IPLeaseSpec = z.infer<typeof ipLeaseSpec>;

export const ipLease = z.object({
  apiVersion: z.string().optional(),
  kind: z.string().optional(),
  metadata,
  spec: ipLeaseSpec,
});
export type IPLease = z.infer<typeof ipLease>;
