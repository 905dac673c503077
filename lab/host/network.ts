import { existsSync } from 'node:fs';

import { controlPlane, network, type LabNode } from '../cluster.ts';
import { run, succeeds } from '../process.ts';

const ip = (...args: string[]): Promise<string> => run('ip', args);
const hostLink = (node: LabNode): string => `tslab-${node.name}`;
const prefix = String(network.nodePrefix);

/** Locally administered, and the last number of the node's IPv4 address. */
const hardwareAddress = (node: LabNode): string =>
  `02:74:73:00:00:${Number(node.address.split('.').at(-1)).toString(16).padStart(2, '0')}`;

const bridgeAddress = '02:74:73:00:01:00';

/** The segment that all nodes share. The host has an address on it, so that kubectl and test clients reach them. */
export async function makeBridge(): Promise<void> {
  if (await linkExists(network.bridge)) return;
  // An address of its own: that of a bridge is else the lowest of its ports, and changes when a node is started anew.
  // All others would then send to nobody until they ask again, half a minute later.
  await ip('link', 'add', network.bridge, 'address', bridgeAddress, 'type', 'bridge');
  await ip('address', 'add', `${network.hostAddress}/${prefix}`, 'dev', network.bridge);
  await ip('link', 'set', network.bridge, 'up');
  // Addresses of Services and of moved pods belong to no single node; the control plane's node knows them all.
  for (const cidr of [network.serviceCidr, network.movableCidr])
    await ip('route', 'replace', cidr, 'via', controlPlane.address, 'dev', network.bridge);
}

/** Plugs a node in. There is no default route on purpose: nothing leaves the lab. */
export async function connectNode(node: LabNode, pid: number): Promise<void> {
  const link = hostLink(node);
  // A node that is started anew keeps its network card: others go on sending to its address.
  const peer = ['name', 'eth0', 'address', hardwareAddress(node), 'netns', String(pid)];
  await ip('link', 'add', link, 'type', 'veth', 'peer', ...peer);
  await ip('link', 'set', link, 'master', network.bridge, 'up');
  const inside = (...args: string[]): Promise<string> => run('nsenter', ['-t', String(pid), '-n', 'ip', ...args]);
  await inside('address', 'add', `${node.address}/${prefix}`, 'dev', 'eth0');
  await inside('link', 'set', 'eth0', 'up');
  // A connection to a Service needs some route before kube-proxy's rules turn it to a pod.
  await inside('route', 'add', network.serviceCidr, 'dev', 'eth0');
}

export interface PodRoute {
  readonly podCidr: string;
  readonly via: LabNode;
}

/** Tells a node, or the host when no process is named, where the pods of the others are. */
export async function addPodRoutes(routes: readonly PodRoute[], pid?: number): Promise<void> {
  const enter = pid === undefined ? [] : ['nsenter', '-t', String(pid), '-n'];
  for (const { podCidr, via } of routes) {
    await run('env', [...enter, 'ip', 'route', 'replace', podCidr, 'via', via.address]);
  }
}

/** The nodes' ends go away with their namespaces. */
export async function removeBridge(): Promise<void> {
  if (await linkExists(network.bridge)) await ip('link', 'delete', network.bridge);
}

export async function removeLink(node: LabNode): Promise<void> {
  const link = hostLink(node);
  if (await linkExists(link)) await succeeds('ip', ['link', 'delete', link]);
}

export function remainingLinks(nodes: readonly LabNode[]): readonly string[] {
  return [network.bridge, ...nodes.map(hostLink)].filter((link) => existsSync(`/sys/class/net/${link}`));
}

const linkExists = (link: string): Promise<boolean> => Promise.resolve(existsSync(`/sys/class/net/${link}`));
