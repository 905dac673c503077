import { readFile, writeFile } from 'node:fs/promises';
import { inNetwork, run } from '../host/command.ts';
import { onHost } from '../host/paths.ts';
import type { PodInterface } from './pod-interface.ts';

/**
 * Lets the kernel keep packets for a pod whose processes are not there yet: the
 * pod does not answer ARP (arp_ignore=8), so its address does not resolve, and
 * the neighbour entry queues what arrives (neigh/DEV/unres_qlen_bytes) while it
 * asks (mcast_solicit, once a second). Nothing is lost and nothing is refused
 * by a namespace without sockets. Kernel: Documentation/networking/ip-sysctl.rst.
 */
const queueBytes = 16 * 1024 * 1024;
const solicitations = 60;

const neighbourSetting = (device: string, name: string) => onHost(`/proc/sys/net/ipv4/neigh/${device}/${name}`);

const arpIgnore = (network: string, pod: PodInterface, value: number): Promise<string> =>
  run(inNetwork(network, ['sysctl', '-qw', `net.ipv4.conf.${pod.name}.arp_ignore=${value}`]));

export interface PacketHold {
  /** As commands for a running `ip -batch`: what was queued is delivered at once. */
  readonly letGo: readonly string[];
  /** Once the pod answers for itself: leaves the settings as they were. */
  restore(): Promise<void>;
}

/** @param network path of the pod's network namespace on the host. */
export const holdPackets = async (network: string, pod: PodInterface): Promise<PacketHold> => {
  const { hostDevice: device, address, mac } = pod;
  const settings = ['mcast_solicit', 'unres_qlen_bytes'].map((name) => neighbourSetting(device, name));
  const before = await Promise.all(settings.map((path) => readFile(path, 'utf8')));
  await arpIgnore(network, pod, 8);
  await Promise.all([
    writeFile(settings[0] ?? '', String(solicitations)),
    writeFile(settings[1] ?? '', String(queueBytes)),
  ]);
  await run(['ip', 'neigh', 'flush', 'dev', device, 'to', address.ip]);
  return {
    letGo: [`neigh replace ${address.ip} lladdr ${mac} dev ${device} nud permanent`],
    async restore() {
      await arpIgnore(network, pod, 0);
      await Promise.all(settings.map((path, i) => writeFile(path, before[i] ?? '')));
      await run(['ip', 'neigh', 'replace', address.ip, 'lladdr', mac, 'dev', device, 'nud', 'reachable']);
    },
  };
};
