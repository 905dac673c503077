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
  const link = linksJson.parse(JSON.parse(inside)).find((l) => l.addr_info?.length && l.link_index !== undefined);
  const ip = link?.addr_info?.[0];
  if (!link || !ip) throw new ReasonedError('AddressConflict', 'The pod has no network interface with an IPv4 address');
  const macs = linksJson.parse(
    JSON.parse(await run(inNetwork(network, ['ip', '-j', 'link', 'show', 'dev', link.ifname]))),
  );
  const veth = linksJson.parse(JSON.parse(outside)).find((l) => l.ifindex === link.link_index);
  if (!veth)
    throw new ReasonedError(
      'AddressConflict',
      `Interface ${link.ifname} of the pod is not one end of a veth whose other end is on the node`,
    );
  const gateway = routesJson.parse(JSON.parse(routes)).find((r) => r.gateway)?.gateway;
  return {
    name: link.ifname,
    mac: macs[0]?.address ?? '',
    address: { ip: ip.local, prefixLength: ip.prefixlen, ...(gateway && { gateway }) },
    hostDevice: veth.master ?? veth.ifname,
    hostVeth: veth.ifname,
  };
};
