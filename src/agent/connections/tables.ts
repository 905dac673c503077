import { beforeMasquerading, beforeServices, replacing } from './rules.ts';
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

const listOf = (all: readonly string[]): string => `{ ${[...new Set(all)].join(', ')} }`;

/** Elements by the names of the sets and maps that have them. */
type Elements = Readonly<Record<string, readonly string[]>>;

const endpointOf = ({ endpoint }: ServiceConnection): string => `${endpoint.ip} . ${endpoint.port}`;
const serviceOf = ({ service }: ServiceConnection): string => `${service.ip} . ${service.port}`;
const disguiseOf = ({ protocol, service }: ServiceConnection): string => `as-${protocol}-${service.ip}-${service.port}`;

const homeElements = (connections: readonly ServiceConnection[]): Elements => ({
  [mapName]: connections.map((one) => `${asked(one)}${timeoutOf(one)} : ${endpointOf(one)}`),
  answers: connections.map((one) => `${answered(one)}${timeoutOf(one)} : ${serviceOf(one)}`),
});

const untrackedElements = (connections: readonly ServiceConnection[]): Elements => ({
  [mapName]: connections.map((one) => `${asked(one)} : ${endpointOf(one)}`),
  'to-endpoints': connections.map(askedDirectly),
  'from-endpoints': connections.map(answered),
});

const heldElements = (connections: readonly ServiceConnection[]): Elements => ({
  ...untrackedElements(connections),
  'from-services': connections.map(answeredAsService),
  disguises: connections.map((one) => `${answered(one)} : goto ${disguiseOf(one)}`),
});

const end = 'ipv4_addr . inet_service';
const typesOf: Readonly<Record<string, string>> = {
  [mapName]: `${askedType} : ${end}`,
  answers: `${answeredType} : ${end}`,
  'to-endpoints': askedType,
  'from-endpoints': answeredType,
  'from-services': answeredType,
  disguises: `${answeredType} : verdict`,
};

const setsOf = (elements: Elements, flags = ''): readonly string[] =>
  Object.entries(elements).map(([name, all]) => {
    const type = typesOf[name] ?? '';
    return `${type.includes(':') ? 'map' : 'set'} ${name} { type ${type}; ${flags}elements = ${listOf(all)}; }`;
  });

const sent = 'meta l4proto . th sport . ip daddr . th dport';
const received = 'meta l4proto . ip saddr . th sport . th dport';

/** @param device behind which the pod is found */
const home = (ip: string, device: string, connections: readonly ServiceConnection[]): string =>
  replacing(tableOf('home', ip), [
    ...setsOf(homeElements(connections), 'flags timeout; '),
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
const untracked = (ip: string): readonly string[] => [
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

/** For each Service a chain that calls what is said its. */
const disguises = (connections: readonly ServiceConnection[]): readonly string[] => {
  const chains = connections.map((one) => {
    const { protocol, service } = one;
    const rule = `ip saddr set ${service.ip} ${protocol} sport set ${service.port} accept`;
    return `chain ${disguiseOf(one)} {\n${rule}\n}`;
  });
  return [...new Set(chains)];
};

const held = (ip: string, device: string, connections: readonly ServiceConnection[]): string =>
  replacing(tableOf('held', ip), [
    ...disguises(connections),
    ...setsOf(heldElements(connections)),
    ...untracked(ip),
    // What the source's node has made of answers that have come to it.
    'chain disguised { type filter hook prerouting priority raw',
    `ip daddr ${ip} ${received} @from-services notrack`,
    '}',
    // After routing: by the address of a Service the kernel would look for the way back (rp_filter).
    `chain answers { type filter hook postrouting priority ${beforeMasquerading}`,
    `ip daddr ${ip} oifname "${device}" ${received} vmap @disguises`,
    '}',
  ]);

/** Both tables of a target's node. @param device behind which the pod is found */
export const arrivalTables = (ip: string, device: string, connections: readonly ServiceConnection[]): string =>
  home(ip, device, connections) + held(ip, device, connections);

const adding = (kind: TableKind, ip: string, elements: Elements): string =>
  Object.entries(elements)
    .map(([name, all]) => `add element ip ${tableOf(kind, ip)} ${name} ${listOf(all)}\n`)
    .join('');

/** What both tables need for more connections. Elements alone a kernel takes in a tenth of the time that rules take it. */
export const arrivalAdditions = (
  ip: string,
  more: readonly ServiceConnection[],
  known: readonly ServiceConnection[],
): string => {
  const chains = new Set(disguises(known));
  const missing = disguises(more).filter((chain) => !chains.has(chain));
  const rules = missing.length > 0 ? [`table ip ${tableOf('held', ip)} {`, ...missing, '}'] : [];
  return [...rules, adding('home', ip, homeElements(more)) + adding('held', ip, heldElements(more))].join('\n');
};

export const departureTable = (ip: string, connections: readonly ServiceConnection[]): string =>
  replacing(tableOf('away', ip), [...setsOf(untrackedElements(connections)), ...untracked(ip)]);

/** Does nothing about a table that is not there. */
export const removal = (kinds: readonly TableKind[], ip: string): string =>
  kinds.map((kind) => `add table ip ${tableOf(kind, ip)}\ndelete table ip ${tableOf(kind, ip)}\n`).join('');
