import type { IPLease, IPLeaseSpec, IPPool } from '../../api/addresses.ts';
import { apiVersion } from '../../api/group.ts';
import type { Pod } from '../../api/pod.ts';
import { ipLeases } from '../../api/resource.ts';
import { isAlreadyExists } from '../../kube/api-error.ts';
import type { KubeApi } from '../../kube/api.ts';
import type { Lookup } from '../../kube/lookup.ts';
import { freeAddresses, rangeOf } from './pool.ts';

export interface LeaseOptions {
  readonly api: KubeApi;
  readonly leases: Lookup<IPLease>;
  readonly pools: Lookup<IPPool>;
  readonly here: string;
  readonly random: () => number;
}

/** As many tries as may lose the race for an address against other nodes. */
const tries = 32;

/** The lease of a pod, if it has one that says it lives here. */
export const leaseOf = (leases: Lookup<IPLease>, namespace: string, podName: string): IPLease | undefined =>
  leases.items().find((l) => l.spec.podNamespace === namespace && l.spec.podName === podName);

/**
 * Takes an address for an opted-in pod from the first pool that has one.
 * @returns undefined when there is no pool, or none with a free address: the pod then gets an address of its node.
 */
export const takeAddress = async (
  options: LeaseOptions,
  pod: Pod,
  signal: AbortSignal,
): Promise<IPLeaseSpec | undefined> => {
  const { api, leases, pools, here, random } = options;
  const { name: podName, namespace: podNamespace = '', uid: podUID } = pod.metadata;
  const taken = new Set(leases.items().map((l) => l.spec.ip));
  let left = tries;
  for (const pool of pools.items().toSorted((a, b) => a.metadata.name.localeCompare(b.metadata.name))) {
    const range = rangeOf(pool.spec.cidr);
    for (const ip of freeAddresses(range, taken, random())) {
      if (left === 0) return undefined;
      left -= 1;
      const spec: IPLeaseSpec = {
        ip,
        prefixLength: range.prefixLength,
        gateway: range.gateway,
        pool: pool.metadata.name,
        nodeName: here,
        podNamespace,
        podName,
        podUID,
      };
      try {
        await api.create(
          ipLeases,
          undefined,
          { apiVersion, kind: 'IPLease', metadata: { name: ip }, spec },
          {},
          signal,
        );
        return spec;
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
        taken.add(ip);
      }
    }
  }
  return undefined;
};
