import type { PodAddress } from '../../api/migration.ts';

/** An IPAM plugin's success, as the CNI specification has it (1.0.0, section 5), on one line. */
export const cniResult = (cniVersion: string, address: PodAddress): string =>
  JSON.stringify({
    cniVersion,
    ips: [{ address: `${address.ip}/${address.prefixLength}`, ...(address.gateway && { gateway: address.gateway }) }],
    routes: [{ dst: '0.0.0.0/0' }],
  });
