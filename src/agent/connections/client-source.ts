import { beforeMasquerading, replacing } from './rules.ts';

/*
 * A node masquerades clients that come to a pod by way of it: by its NodePort,
 * or from its own network through a Service. The kernel ties a masquerade to the
 * link by which it goes out, and forgets the connection when that goes down, as
 * the fence of a source does (nf_nat_masquerade.c, masq_device_event), or when
 * packets go out by another one, as they do to a pod that has come or gone
 * (nf_nat_oif_changed). A plain source address is tied to nothing.
 */

export const clientTable = 'transship.clients';

/** How kube-proxy marks what it is going to masquerade (its `iptables.masqueradeBit`, 14). */
const mark = '0x4000';

/**
 * For nftables: clients of these pods get a plain source address in place of a masquerade, before kube-proxy comes to it.
 * Connections that there are already keep what they have.
 *
 * @param source address of this node by which other nodes find it: their answers come back here
 * @param leased addresses of pods that are moved, or may be
 */
export const clientRules = (source: string, leased: readonly string[]): string =>
  replacing(clientTable, [
    `set leased { type ipv4_addr; ${leased.length > 0 ? `elements = { ${leased.join(', ')} }; ` : ''}}`,
    `chain clients { type nat hook postrouting priority ${String(beforeMasquerading)}`,
    `ip daddr @leased meta mark & ${mark} == ${mark} snat ip to ${source} fully-random`,
    '}',
  ]);

export const clientRemoval = `add table ip ${clientTable}\ndelete table ip ${clientTable}\n`;
