import { z } from 'zod';
import type { PodAddress } from '../../api/migration.ts';
import { ReasonedError } from '../../api/reasons.ts';
import { inNetwork, run } from '../host/command.ts';

/** The pod's end of the link between its network namespace and the host, and the host's end. */
export interface PodInterface {
  readonly name: string;
  readonly mac: string;
  readonly address: PodAddress;
  /** The device on the host behind which the address is found: the veth, or the bridge that it is plugged into. */
  readonly hostDevice: string;
  readonly hostMac: string;
  /** The veth itself. */
  readonly hostVeth: string;
}

const linksJson = z.array(
  z.looseObject({
    ifindex: z.number(),
    ifname: z.string(),
    link_index: z.number().optional(),
    address: z.string().optional(),
    master: z.string().optional(),
    addr_info: z
      .array(z.looseObject({ family: z.string(), local: z.string(), prefixlen: z.number(), scope: z.string() }))
      .optional(),
  }),
);
const routesJson = z.array(
  z.looseObject({ dst: z.string(), gateway: z.string().optional(), dev: z.string().optional() }),
);

type Link = z.infer<typeof linksJson>[number];
type Address = NonNullable<Link['addr_info']>[number];

const links = (json: string): readonly Link[] => linksJson.parse(JSON.parse(json));

/** The first interface that is one end of a pair and has an address. */
const innerEnd = (found: readonly Link[]): { readonly link: Link; readonly ip: Address } => {
  for (const link of found) {
    const [ip] = link.addr_info ?? [];
    if (ip && link.link_index !== undefined) return { link, ip };
  }
  throw new ReasonedError('AddressConflict', 'The pod has no network interface with an IPv4 address');
};

const outerEnd = (inner: Link, found: readonly Link[]): Link => {
  const veth = found.find((l) => l.ifindex === inner.link_index);
  if (veth) return veth;
  throw new ReasonedError(
    'AddressConflict',
    `Interface ${inner.ifname} of the pod is not one end of a veth whose other end is on the node`,
  );
};

const gatewayIn = (json: string): { readonly gateway?: string } => {
  const gateway = routesJson.parse(JSON.parse(json)).find((r) => r.gateway)?.gateway;
  return gateway === undefined ? {} : { gateway };
};

/**
 * Looks at the first interface of a pod that has a global IPv4 address.
 * @param network PID of a process in the pod, or the path of its network namespace on the host.
 */
export const podInterface = async (network: number | string): Promise<PodInterface> => {
  const [inside, routes, outside] = await Promise.all([
    run(inNetwork(network, ['ip', '-j', '-4', 'addr', 'show', 'scope', 'global'])),
    run(inNetwork(network, ['ip', '-j', '-4', 'route', 'show', 'default'])),
    run(['ip', '-j', 'link', 'show']),
  ]);
  const { link, ip } = innerEnd(links(inside));
  const macs = links(await run(inNetwork(network, ['ip', '-j', 'link', 'show', 'dev', link.ifname])));
  const onHost = links(outside);
  const veth = outerEnd(link, onHost);
  const hostDevice = veth.master ?? veth.ifname;
  return {
    name: link.ifname,
    mac: macs[0]?.address ?? '',
    address: { ip: ip.local, prefixLength: ip.prefixlen, ...gatewayIn(routes) },
    hostDevice,
    hostMac: onHost.find(({ ifname }) => ifname === hostDevice)?.address ?? '',
    hostVeth: veth.ifname,
  };
};
