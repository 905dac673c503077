import type { IPLease, IPLeaseSpec, IPPool } from '../../api/addresses.ts';
import { apiVersion } from '../../api/group.ts';
import type { PodAddress } from '../../api/migration.ts';
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

/** The lease of the pod of this name; of two, of which one is about to be given back, that of this node. */
export const leaseOf = (
  { leases, here }: Pick<LeaseOptions, 'leases' | 'here'>,
  namespace: string,
  podName: string,
): IPLease | undefined => {
  const ofName = leases.items().filter(({ spec }) => spec.podNamespace === namespace && spec.podName === podName);
  return ofName.findLast(({ spec }) => spec.nodeName === here) ?? ofName[0];
};

/** Free addresses of all pools, pool by pool in the order of their names. */
function* candidates({ leases, pools, random }: LeaseOptions): Generator<PodAddress & { readonly pool: string }> {
  const taken = new Set(leases.items().map((l) => l.spec.ip));
  for (const pool of pools.items().toSorted((a, b) => a.metadata.name.localeCompare(b.metadata.name))) {
    const { gateway, prefixLength, ...range } = rangeOf(pool.spec.cidr);
    for (const ip of freeAddresses(range, taken, random()))
      yield { ip, prefixLength, gateway, pool: pool.metadata.name };
  }
}

/** Creates the lease of one address. False: another node was first. */
const claim = async (api: KubeApi, spec: IPLeaseSpec, signal: AbortSignal): Promise<boolean> => {
  const lease = { apiVersion, kind: 'IPLease', metadata: { name: spec.ip }, spec };
  try {
    await api.create(ipLeases, undefined, lease, {}, signal);
    return true;
  } catch (error) {
    if (isAlreadyExists(error)) return false;
    throw error;
  }
};

/**
 * Takes an address for an opted-in pod from the first pool that has one.
 * @returns undefined when there is no pool, or none with a free address: the pod then gets an address of its node.
 */
export const takeAddress = async (
  options: LeaseOptions,
  pod: Pod,
  signal: AbortSignal,
): Promise<IPLeaseSpec | undefined> => {
  const { name: podName, namespace: podNamespace = '', uid: podUID } = pod.metadata;
  for (const address of candidates(options).take(tries)) {
    const spec: IPLeaseSpec = { ...address, nodeName: options.here, podNamespace, podName, podUID };
    if (await claim(options.api, spec, signal)) return spec;
  }
  return undefined;
};
