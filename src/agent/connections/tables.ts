import type { ServiceConnection } from './service-connection.ts';

/*
 * Tables of nftables, three at most for an address:
 *
 *   transship.IP       at the pod's node, for as long as it lives there. A packet of a connection that this kernel has
 *                      not tracked yet is led to its endpoint, or told as the Service's, whichever comes first. The kernel
 *                      follows a connection from its middle (nf_conntrack_tcp_loose); only the first packet of a connection
 *                      is seen by chains of the type nat, so that the rest costs nothing.
 *   transship.held.IP  at the target's node until the target runs: endpoints answer to the source, whose node makes
 *                      Services' words of theirs, and there is neither to be a trace in this kernel.
 *   transship.away.IP  at the source's node, when it no longer is the pod's: it does nothing about these connections,
 *                      of which it still knows.
 */

export type TableKind = 'home' | 'held' | 'away';

const prefixes = { home: 'transship.', held: 'transship.held.', away: 'transship.away.' } as const;

export const tableOf = (kind: TableKind, ip: string): string => `${prefixes[kind]}${ip}`;

/** Before kube-proxy chooses an endpoint (dstnat), and before it masquerades (srcnat). */
const beforeServices = -110;
const beforeMasquerading = 90;

/** The name of the map in which each table has all of its connections. */
export const mapName = 'connections';

const askedType = 'inet_proto . inet_service . ipv4_addr . inet_service';
const answeredType = 'inet_proto . ipv4_addr . inet_service . inet_service';

const asked = ({ protocol, port, service }: ServiceConnection): string =>
  `${protocol} . ${port} . ${service.ip} . ${service.port}`;
const askedDirectly = ({ protocol, port, endpoint }: ServiceConnection): string =>
  `${protocol} . ${port} . ${endpoint.ip} . ${endpoint.port}`;
const answered = ({ protocol, port, endpoint }: ServiceConnection): string =>
  `${protocol} . ${endpoint.ip} . ${endpoint.port} . ${port}`;
const answeredAsService = ({ protocol, port, service }: ServiceConnection): string =>
  `${protocol} . ${service.ip} . ${service.port} . ${port}`;

const timeoutOf = ({ seconds }: ServiceConnection): string => (seconds === undefined ? '' : ` timeout ${seconds}s`);

const elements = (all: readonly string[]): string => `elements = { ${[...new Set(all)].join(', ')} }`;

const setOf = (name: string, type: string, all: readonly string[]): string =>
  `set ${name} { type ${type}; ${elements(all)}; }`;

interface MapText {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly flags?: string;
}

const mapOf = ({ name, from, to, flags = '' }: MapText, all: readonly string[]): string =>
  `map ${name} { type ${from} : ${to}; ${flags}${elements(all)}; }`;

const sent = 'meta l4proto . th sport . ip daddr . th dport';
const received = 'meta l4proto . ip saddr . th sport . th dport';

/** One transaction: a table of that name that was there before is replaced, and no packet meets half of either. */
const replacing = (name: string, content: readonly string[]): string =>
  [`add table ip ${name}`, `delete table ip ${name}`, `table ip ${name} {`, ...content, '}', ''].join('\n');

const endpointOf = ({ endpoint }: ServiceConnection): string => `${endpoint.ip} . ${endpoint.port}`;
const serviceOf = ({ service }: ServiceConnection): string => `${service.ip} . ${service.port}`;

const forEver = (): string => '';

const remembered = (
  connections: readonly ServiceConnection[],
  flags = '',
  timeout: (one: ServiceConnection) => string = forEver,
) =>
  mapOf(
    { name: mapName, from: askedType, to: 'ipv4_addr . inet_service', flags },
    connections.map((one) => `${asked(one)}${timeout(one)} : ${endpointOf(one)}`),
  );

/** @param device behind which the pod is found */
const home = (ip: string, device: string, connections: readonly ServiceConnection[]): string =>
  replacing(tableOf('home', ip), [
    remembered(connections, 'flags timeout; ', timeoutOf),
    mapOf(
      { name: 'answers', from: answeredType, to: 'ipv4_addr . inet_service', flags: 'flags timeout; ' },
      connections.map((one) => `${answered(one)}${timeoutOf(one)} : ${serviceOf(one)}`),
    ),
    `chain asks { type nat hook prerouting priority ${beforeServices}`,
    // A connection that begins now may have the numbers of one that has ended: any endpoint will do for it.
    `ip saddr ${ip} tcp flags & (syn | ack) == syn return`,
    `ip saddr ${ip} meta l4proto { tcp, udp } dnat ip to ${sent} map @${mapName}`,
    '}',
    `chain answers { type nat hook postrouting priority ${beforeMasquerading}`,
    `ip daddr ${ip} oifname "${device}" meta l4proto { tcp, udp } snat ip to ${received} map @answers`,
    '}',
  ]);

/** Rules by which the kernel does not follow connections between the pod and the endpoints. */
const untracked = (ip: string, connections: readonly ServiceConnection[]): readonly string[] => [
  setOf('to-endpoints', askedType, connections.map(askedDirectly)),
  setOf('from-endpoints', answeredType, connections.map(answered)),
  'chain untracked {',
  `ip saddr ${ip} ${sent} @to-endpoints notrack`,
  `ip daddr ${ip} ${received} @from-endpoints notrack`,
  '}',
  'chain forwarded { type filter hook prerouting priority raw',
  'jump untracked',
  '}',
  // An endpoint may be a process of the node itself.
  'chain own { type filter hook output priority raw',
  'jump untracked',
  '}',
];

/** Services by what is to be called theirs, each with a chain that does so. */
const disguises = (connections: readonly ServiceConnection[]) => {
  const chains = new Map<string, string>();
  const verdicts = connections.map((one) => {
    const { protocol, service } = one;
    const name = `as-${protocol}-${service.ip}-${service.port}`;
    chains.set(name, `ip saddr set ${service.ip} ${protocol} sport set ${service.port} accept`);
    return `${answered(one)} : goto ${name}`;
  });
  return { chains: [...chains].map(([name, rule]) => `chain ${name} {\n${rule}\n}`), verdicts };
};

const held = (ip: string, device: string, connections: readonly ServiceConnection[]): string => {
  const { chains, verdicts } = disguises(connections);
  return replacing(tableOf('held', ip), [
    remembered(connections),
    ...untracked(ip, connections),
    // What the source's node has made of answers that have come to it.
    setOf('from-services', answeredType, connections.map(answeredAsService)),
    'chain disguised { type filter hook prerouting priority raw',
    `ip daddr ${ip} ${received} @from-services notrack`,
    '}',
    ...chains,
    mapOf({ name: 'disguises', from: answeredType, to: 'verdict' }, verdicts),
    // After routing: by the address of a Service the kernel would look for the way back (rp_filter).
    `chain answers { type filter hook postrouting priority ${beforeMasquerading}`,
    `ip daddr ${ip} oifname "${device}" ${received} vmap @disguises`,
    '}',
  ]);
};

/** Both tables of a target's node. @param device behind which the pod is found */
export const arrivalTables = (ip: string, device: string, connections: readonly ServiceConnection[]): string =>
  home(ip, device, connections) + held(ip, device, connections);

export const departureTable = (ip: string, connections: readonly ServiceConnection[]): string =>
  replacing(tableOf('away', ip), [remembered(connections), ...untracked(ip, connections)]);

/** Does nothing about a table that is not there. */
export const removal = (kinds: readonly TableKind[], ip: string): string =>
  kinds.map((kind) => `add table ip ${tableOf(kind, ip)}\ndelete table ip ${tableOf(kind, ip)}\n`).join('');

const ours = /^table ip (transship\.(?:held\.|away\.)?(\d+\.\d+\.\d+\.\d+))$/u;

export interface FoundTable {
  readonly kind: TableKind;
  readonly ip: string;
}

/** Ours, from what `nft list tables` says. */
export const tablesIn = (said: string): readonly FoundTable[] =>
  said.split('\n').flatMap((text) => {
    const [, name = '', ip] = ours.exec(text.trim()) ?? [];
    if (ip === undefined) return [];
    const kinds: readonly TableKind[] = ['held', 'away', 'home'];
    return { ip, kind: kinds.find((kind) => name === tableOf(kind, ip)) ?? 'home' };
  });

/** Tables of pods that do not live here, and of moves that are over. */
export const straysAmong = (
  found: readonly FoundTable[],
  { livingHere, underWay }: { readonly livingHere: ReadonlySet<string>; readonly underWay: ReadonlySet<string> },
): readonly FoundTable[] =>
  found.filter(({ kind, ip }) => !underWay.has(ip) && !(kind === 'home' && livingHere.has(ip)));
