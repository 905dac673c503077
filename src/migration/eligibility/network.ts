import { z } from 'zod';
import type { Pod } from '../../api/pod.ts';
import { type Check, finding } from './check.ts';

/*
 * A target gets the one IPv4 address of its source: that is what transship-ipam
 * hands out, what routes are flipped for and whose packets wait. Whatever other
 * address the processes have, their connections on it would be gone.
 */

const isIPv6 = (ip: string): boolean => ip.includes(':');

export const hasIPv6: Check = ({ pod }) => {
  // Those are the node's, which is a finding of its own.
  if (pod.spec.hostNetwork) return undefined;
  const ips = (pod.status?.podIPs ?? []).map(({ ip }) => ip);
  const sixes = ips.filter(isIPv6).join(', ');
  if (sixes === '') return undefined;
  return ips.every(isIPv6)
    ? finding('IPv6Used', pod, `has no address but IPv6: ${sixes}`)
    : finding('IPv6Used', pod, `has an IPv6 address beside its IPv4 one: ${sixes}`);
};

/** What Multus and others note down of each network of a pod, and what a user asks them for (Network Plumbing Working Group, multi-net-spec). */
const statusAnnotation = 'k8s.v1.cni.cncf.io/network-status';
const requestAnnotation = 'k8s.v1.cni.cncf.io/networks';

const networkStatus = z.array(z.looseObject({ name: z.string().optional(), interface: z.string().optional() }));

/** What each interface of a pod is called; undefined when nobody has noted that down. */
const interfacesOf = ({ metadata: { annotations } }: Pod): readonly string[] | undefined => {
  try {
    const networks = networkStatus.parse(JSON.parse(annotations?.[statusAnnotation] ?? ''));
    return networks.map(({ name, interface: device }) => device ?? name ?? '?');
  } catch {
    return undefined;
  }
};

export const hasSeveralInterfaces: Check = ({ pod }) => {
  const interfaces = interfacesOf(pod);
  if (interfaces !== undefined)
    return interfaces.length > 1
      ? finding('SeveralInterfaces', pod, `has several network interfaces: ${interfaces.join(', ')}`)
      : undefined;
  const asked = pod.metadata.annotations?.[requestAnnotation] ?? '';
  return asked === ''
    ? undefined
    : finding('SeveralInterfaces', pod, `asks for further network interfaces (${requestAnnotation}: ${asked})`);
};
