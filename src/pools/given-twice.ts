import type { IPLease } from '../api/addresses.ts';
import { targetLabel } from '../api/names.ts';
import type { Pod } from '../api/pod.ts';
import type { Finding } from '../api/reasons.ts';

export interface GivenTwice extends Finding {
  readonly pod: Pod;
}

/** The node's own processes, ended ones, and those of a move, of which source and target have one address. */
const isNobody = ({ spec, status, metadata }: Pod): boolean =>
  spec.hostNetwork === true ||
  status?.phase === 'Succeeded' ||
  status?.phase === 'Failed' ||
  metadata.deletionTimestamp !== undefined ||
  metadata.labels?.[targetLabel] !== undefined;

/**
 * Pods with an address that another pod has leased: one that moved away from a
 * node whose range has gone to another node, where the first pods started before
 * Transship did. Routes follow the lease, so the newcomer is the one that hears nothing.
 *
 * @param isMoving whether a move still counts on a lease.
 */
export const givenTwice = (
  pods: readonly Pod[],
  leases: readonly IPLease[],
  isMoving: (lease: IPLease) => boolean,
): readonly GivenTwice[] => {
  const byAddress = new Map(leases.map((lease) => [lease.spec.ip, lease]));
  return pods.flatMap((pod) => {
    const ip = pod.status?.podIP ?? '';
    const lease = byAddress.get(ip);
    if (!lease || lease.spec.podUID === pod.metadata.uid || isNobody(pod) || isMoving(lease)) return [];
    const { namespace = 'default', name } = pod.metadata;
    const { podNamespace, podName, nodeName } = lease.spec;
    const message = `Pod ${namespace}/${name} has the address ${ip} of pod ${podNamespace}/${podName}, which has taken it along to node ${nodeName}: nothing reaches it; delete it, so that it gets another`;
    return [{ pod, reason: 'AddressGivenTwice', message }];
  });
};
