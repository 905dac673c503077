/**
 * A point-to-point link for each pod; the kernel's routes do the rest. No masquerading: pods keep their address.
 * @param mtu where packets between nodes can be shorter only than the links are
 */
export function cniConfig(podCidr: string, mtu?: number): string {
  const config = {
    cniVersion: '1.0.0',
    name: 'lab',
    plugins: [
      {
        type: 'ptp',
        ipMasq: false,
        ...(mtu !== undefined && { mtu }),
        ipam: { type: 'host-local', ranges: [[{ subnet: podCidr }]], routes: [{ dst: '0.0.0.0/0' }] },
      },
    ],
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
