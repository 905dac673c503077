import { describe, expect, it } from 'vitest';
import type { Pod } from '../api/pod.ts';
import { annotated, container, findings, ownedBy } from './eligibility/finding-fixture.ts';
import { podWith } from './move-fixture.ts';

describe('a pod', () => {
  it.each<[string, Pod]>([
    ['of a Deployment that opted in', podWith()],
    [
      'with volumes that any node can give',
      podWith({
        spec: {
          volumes: [
            { name: 'a', emptyDir: {} },
            { name: 'b', configMap: {} },
            { name: 'c', secret: {} },
            { name: 'd', projected: {} },
            { name: 'e', downwardAPI: {} },
          ],
        },
      }),
    ],
    ['with init containers that have ended', podWith({ spec: { initContainers: [{ name: 'setup', image: 'x' }] } })],
    [
      'that was moved before',
      podWith({
        metadata: annotated({ 'transship.dev/migration': 'old', 'transship.dev/moved-from': 'n0' }),
        spec: { runtimeClassName: 'transship' },
      }),
    ],
    [
      'with ordinary resources',
      podWith({ spec: container({ resources: { limits: { cpu: '1', memory: '1Gi', 'hugepages-2Mi': '4Mi' } } }) }),
    ],
    [
      'of a StatefulSet, started under our RuntimeClass, which sleeps before it stops',
      podWith({
        metadata: ownedBy('StatefulSet'),
        spec: { runtimeClassName: 'transship', ...container({ lifecycle: { preStop: { sleep: { seconds: 5 } } } }) },
      }),
    ],
    [
      'of nobody, started under our RuntimeClass',
      podWith({ metadata: { ownerReferences: undefined }, spec: { runtimeClassName: 'transship' } }),
    ],
    ['with one IPv4 address', podWith({ status: { podIPs: [{ ip: '10.244.1.5' }] } })],
    [
      'of which Multus has noted down the one network that it has',
      podWith({ metadata: annotated({ 'k8s.v1.cni.cncf.io/network-status': '[{"name":"cbr0","interface":"eth0"}]' }) }),
    ],
    [
      'with hooks, and a file that shows it its move',
      podWith({
        metadata: annotated({
          'transship.dev/hooks':
            '{"preFreeze":{"exec":{"container":"web","command":["/x"]}},"onRollback":{"exec":{"container":"gone","command":["/x"]},"failurePolicy":"Ignore"}}',
          'transship.dev/move': '{}',
        }),
      }),
    ],
    ['with a port of its own', podWith({ spec: container({ ports: [{ containerPort: 80 }] }) })],
  ])('%s can be moved', (_name, pod) => {
    expect(findings(pod)).toEqual([]);
  });

  it('hears every reason, not the first', () => {
    const pod = podWith({
      metadata: { ...ownedBy('CloneSet'), annotations: {} },
      spec: { hostNetwork: true, volumes: [{ name: 'data', hostPath: { path: '/' } }] },
    });
    expect(findings(pod).map((text) => text.split(':')[0])).toEqual([
      'NotOptedIn',
      'OwnerNotSupported',
      'HostNetworkUsed',
      'HostPathUsed',
    ]);
  });
});
