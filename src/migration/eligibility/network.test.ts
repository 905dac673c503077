import { describe, expect, it } from 'vitest';
import type { Pod } from '../../api/pod.ts';
import { podWith } from '../move-fixture.ts';
import { annotated, findings } from './finding-fixture.ts';

describe('a pod', () => {
  it.each<[string, Pod, string]>([
    [
      'with IPv6 alone',
      podWith({ status: { podIPs: [{ ip: 'fd00::5' }] } }),
      'IPv6Used: Pod default/web-1 has no address but IPv6: fd00::5',
    ],
    [
      'with IPv6 besides',
      podWith({ status: { podIPs: [{ ip: '10.244.1.5' }, { ip: 'fd00::5' }] } }),
      'IPv6Used: Pod default/web-1 has an IPv6 address beside its IPv4 one: fd00::5',
    ],
    [
      'on several networks',
      podWith({
        metadata: annotated({
          'k8s.v1.cni.cncf.io/networks': 'storage',
          'k8s.v1.cni.cncf.io/network-status':
            '[{"name":"cbr0","interface":"eth0","default":true},{"name":"storage","interface":"net1"}]',
        }),
      }),
      'SeveralInterfaces: Pod default/web-1 has several network interfaces: eth0, net1',
    ],
    [
      'that has asked for another network',
      podWith({
        metadata: annotated({ 'k8s.v1.cni.cncf.io/networks': 'storage', 'k8s.v1.cni.cncf.io/network-status': '' }),
      }),
      'SeveralInterfaces: Pod default/web-1 asks for further network interfaces (k8s.v1.cni.cncf.io/networks: storage)',
    ],
  ])('%s cannot be moved', (_name, pod, expected) => {
    expect(findings(pod)).toEqual([expected]);
  });

  it('on the network of its node does not hear of the addresses that are not its own', () => {
    const pod = podWith({ spec: { hostNetwork: true }, status: { podIPs: [{ ip: '192.0.2.1' }, { ip: 'fd00::1' }] } });
    expect(findings(pod)).toEqual(['HostNetworkUsed: Pod default/web-1 uses hostNetwork']);
  });
});
