import { access, readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { inNetwork, run } from '../host/command.ts';
import { onHost } from '../host/paths.ts';
import type { PodInterface } from './pod-interface.ts';

/**
 * Lets the kernel keep packets for a pod whose processes are not there yet: the
 * pod does not answer ARP (arp_ignore=8), so its address does not resolve, and
 * the neighbour entry queues what arrives (neigh/DEV/unres_qlen_bytes) while it
 * asks (mcast_solicit, once a second). Nothing is lost and nothing is refused
 * by a namespace without sockets. Kernel: Documentation/networking/ip-sysctl.rst.
 *
 * Nor may the pod ask for its gateway: whoever asks is learned of (arp_process in
 * net/ipv4/arp.c), and a socket that has just been restored probes its peer
 * (tcp_send_window_probe). The queue would go to the pod while CRIU's lock drops
 * what is not its own, and clients would wait for a second retransmission.
 */
const queueBytes = 16 * 1024 * 1024;
const solicitations = 60;

const settingsOf = (device: string) => [
  { path: onHost(`/proc/sys/net/ipv4/neigh/${device}/mcast_solicit`), held: solicitations },
  { path: onHost(`/proc/sys/net/ipv4/neigh/${device}/unres_qlen_bytes`), held: queueBytes },
];

const arpIgnore = ({ network, interface: name }: PacketHold, value: number): Promise<string> =>
  run(inNetwork(network, ['sysctl', '-qw', `net.ipv4.conf.${name}.arp_ignore=${value}`]));

/** What the pod knows of its gateway: for good while packets are held, afterwards until it finds out anew. */
const tellGateway = async ({ network, interface: name, gateway }: PacketHold, state: string): Promise<void> => {
  if (!gateway) return;
  const entry = ['lladdr', gateway.mac, 'dev', name, 'nud', state];
  await run(inNetwork(network, ['ip', 'neigh', 'replace', gateway.ip, ...entry]));
};

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** What is to be known to let the packets go: it outlives the process that began to hold them. */
export const packetHold = z.object({
  /** Path of the pod's network namespace on the host. */
  network: z.string(),
  interface: z.string(),
  device: z.string(),
  ip: z.string(),
  mac: z.string(),
  /** The pod's next hop, which it is told; undefined where it has none. */
  gateway: z.object({ ip: z.string(), mac: z.string() }).optional(),
  /** The values of the settings before, in their order. */
  before: z.array(z.string()),
});
export type PacketHold = z.infer<typeof packetHold>;

/** Reads what the settings are. They are to be noted down before {@link beginHold} changes them. */
export const planHold = async (network: string, pod: PodInterface): Promise<PacketHold> => ({
  network,
  interface: pod.name,
  device: pod.hostDevice,
  ip: pod.address.ip,
  mac: pod.mac,
  ...(pod.address.gateway !== undefined &&
    pod.hostMac !== '' && { gateway: { ip: pod.address.gateway, mac: pod.hostMac } }),
  before: await Promise.all(settingsOf(pod.hostDevice).map(({ path }) => readFile(path, 'utf8'))),
});

export const beginHold = async (hold: PacketHold): Promise<void> => {
  await arpIgnore(hold, 8);
  await tellGateway(hold, 'permanent');
  await Promise.all(settingsOf(hold.device).map(({ path, held }) => writeFile(path, String(held))));
  await run(['ip', 'neigh', 'flush', 'dev', hold.device, 'to', hold.ip]);
};

/** As commands for a running `ip -batch`: what was queued is delivered at once. */
export const letGo = ({ ip, mac, device }: PacketHold): readonly string[] => [
  `neigh replace ${ip} lladdr ${mac} dev ${device} nud permanent`,
];

/** The CNI takes the link away before the runtime takes the namespace. */
const isThere = async ({ network, device }: PacketHold): Promise<boolean> =>
  (await exists(onHost(network))) && (await exists(onHost(`/proc/sys/net/ipv4/neigh/${device}`)));

/** The pod may be deleted at any time, and its settings go with its network. */
const whileThere = async (hold: PacketHold, work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    if (await isThere(hold)) throw error;
  }
};

/** Leaves the settings as they were. Where the pod's network is gone, they have gone with it. */
export const endHold = (hold: PacketHold): Promise<void> =>
  whileThere(hold, async () => {
    await arpIgnore(hold, 0);
    await Promise.all(settingsOf(hold.device).map(({ path }, i) => writeFile(path, hold.before[i] ?? '')));
    await tellGateway(hold, 'reachable');
  });

/** Once the pod answers for itself its entry may grow old like any other. */
export const endHoldOfLiving = async (hold: PacketHold): Promise<void> => {
  await endHold(hold);
  const entry = ['lladdr', hold.mac, 'dev', hold.device, 'nud', 'reachable'];
  await whileThere(hold, async () => {
    await run(['ip', 'neigh', 'replace', hold.ip, ...entry]);
  });
};
