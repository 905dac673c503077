import type { Resolver } from '../../api/migration.ts';
import type { PodSpec } from '../../api/pod.ts';

/*
 * A kubelet writes /etc/resolv.conf from its own settings (--cluster-dns,
 * --cluster-domain, --resolv-conf) unless the pod's dnsPolicy is None. Two nodes
 * may differ in them, and a process that has read the file keeps what it has read.
 */

/** What the API server and the kubelet allow (kubernetes, pkg/apis/core/validation: MaxDNS…). */
const most = { nameservers: 3, searches: 32, searchCharacters: 2_048 } as const;

const option = (text: string): Resolver['options'][number] => {
  const [name = '', value] = text.split(':', 2);
  return value === undefined ? { name } : { name, value };
};

/** Reads resolv.conf as the C library does (resolv.conf(5)): the last `search` or `domain` holds, comments begin a line. */
export const resolverIn = (text: string): Resolver => {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  const valuesOf = (keyword: string) => lines.filter(([first]) => first === keyword).map(([, ...values]) => values);
  const searches =
    lines
      .filter(([first]) => first === 'search' || first === 'domain')
      .at(-1)
      ?.slice(1) ?? [];
  return {
    nameservers: valuesOf('nameserver').flatMap(([address = '']) => (address === '' ? [] : [address])),
    searches,
    options: valuesOf('options').flat().map(option),
  };
};

const isAllowed = ({ nameservers, searches }: Resolver): boolean =>
  nameservers.length > 0 &&
  nameservers.length <= most.nameservers &&
  searches.length <= most.searches &&
  searches.join(' ').length <= most.searchCharacters;

/**
 * The fields of a target's spec that have its kubelet write what that of the
 * source has written. Nothing where the pod decides by itself, where nobody has
 * looked (an agent of an older version), and where there is no server: without
 * one the API server takes no dnsConfig, and names are not resolved on either node.
 */
export const pinnedResolver = (source: PodSpec, resolver: Resolver | undefined): Partial<PodSpec> =>
  source['dnsPolicy'] === 'None' || !resolver || !isAllowed(resolver)
    ? {}
    : { dnsPolicy: 'None', dnsConfig: structuredClone(resolver) };
