import type { IPLease, IPLeaseSpec, IPPool } from '../../api/addresses.ts';
import { apiVersion } from '../../api/group.ts';
import type { Labels } from '../../api/label-selector.ts';
import type { Node, Pod } from '../../api/pod.ts';
import type { Finding } from '../../api/reasons.ts';
import { ipLeases } from '../../api/resource.ts';
import { isAlreadyExists } from '../../kube/api-error.ts';
import type { KubeApi } from '../../kube/api.ts';
import { namespaces } from '../../kube/builtin-resources.ts';
import type { Lookup } from '../../kube/lookup.ts';
import { asksForNamespaces, poolsOf } from '../../pools/choice.ts';
import { offerOf } from '../../pools/offer.ts';

export interface LeaseOptions {
  readonly api: KubeApi;
  readonly leases: Lookup<IPLease>;
  readonly pools: Lookup<IPPool>;
  readonly nodes: Lookup<Node>;
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

/** Agents watch no namespaces: most clusters have no pool that asks for their labels. */
const namespaceLabels = async (
  { api, pools }: LeaseOptions,
  { metadata: { namespace: name = '' } }: Pod,
  signal: AbortSignal,
): Promise<Labels> => {
  if (!asksForNamespaces(pools.items())) return {};
  return (await api.get(namespaces, { name }, signal)).metadata.labels ?? {};
};

/** An address, why there is none now, or undefined: no pool is for the pod, and it gets an address of its node. */
export type Taken = { readonly lease: IPLeaseSpec } | { readonly none: Finding } | undefined;

/** Takes an address for an opted-in pod; costs one creation, and another one for each race that is lost. */
export const takeAddress = async (options: LeaseOptions, pod: Pod, signal: AbortSignal): Promise<Taken> => {
  const { api, leases, pools, nodes, here: nodeName, random } = options;
  const chosen = poolsOf(pod, await namespaceLabels(options, pod, signal), pools.items());
  if (chosen.length === 0) return undefined;
  const neighbours = { pools: pools.items(), nodes: nodes.items() };
  const offer = offerOf(chosen, { leases: leases.items(), neighbours, from: random() });
  if ('none' in offer) return offer;
  const { name: podName, namespace: podNamespace = '', uid: podUID } = pod.metadata;
  for (const address of offer.candidates.take(tries)) {
    const lease: IPLeaseSpec = { ...address, nodeName, podNamespace, podName, podUID };
    if (await claim(api, lease, signal)) return { lease };
  }
  const message = `other nodes took each address that was tried in IPPool ${chosen.map(({ metadata }) => metadata.name).join(', ')}; it is asked for again`;
  return { none: { reason: 'PoolContended', message } };
};
