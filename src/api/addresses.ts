import { z } from 'zod';
import { metadata } from './metadata.ts';
import { podAddress } from './migration.ts';

/** A range of addresses that opted-in pods get, so that an address belongs to no node. */
export const ipPool = z.object({
  apiVersion: z.string().optional(),
  kind: z.string().optional(),
  metadata,
  spec: z.object({
    cidr: z
      .string()
      .describe('IPv4 network, for example 10.245.0.0/16; its first address is the gateway that pods see'),
  }),
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
