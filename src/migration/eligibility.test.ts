import { describe, expect, it } from 'vitest';
import type { Pod } from '../api/pod.ts';
import { findingsOf } from './eligibility.ts';
import type { Candidate } from './node-fit/candidate.ts';
import { builtIn } from './policy/policy.ts';
import { agentOf, now, podWith } from './move-fixture.ts';

const container = (changes: object) => ({ containers: [{ name: 'web', image: 'web:1', ...changes }] });
const ownedBy = (kind: string) => ({
  ownerReferences: [{ apiVersion: 'v1', kind, name: 'owner', uid: 'o', controller: true }],
});
const annotated = (annotations: object) => ({ annotations: { 'transship.dev/migrate': 'true', ...annotations } });

const statusOf = (name: string, ready: boolean) => ({ name, image: '', imageID: '', ready, restartCount: 0 });

const findings = (pod: Pod) =>
  findingsOf({ pod, sourceNode: agentOf('n1'), policy: builtIn, now }).map(
    ({ reason, message }) => `${reason}: ${message}`,
  );

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

  it.each<[string, Pod, string]>([
    [
      'whose hooks are not written as hooks are',
      podWith({ metadata: annotated({ 'transship.dev/hooks': '{"preFreeze":{},"postFreeze":{}}' }) }),
      'HookMalformed: Pod default/web-1 has the annotation transship.dev/hooks, which says what is no hook: preFreeze: name either exec or httpPost; Unrecognized key: "postFreeze"',
    ],
    [
      'that has a hook in a container that has ended before those that run',
      podWith({
        metadata: annotated({ 'transship.dev/hooks': '{"preFreeze":{"exec":{"container":"setup","command":["/x"]}}}' }),
        spec: { initContainers: [{ name: 'setup', image: 'x' }] },
      }),
      'HookMalformed: Pod default/web-1 does not have the container of a hook: preFreeze of the pod in container setup',
    ],
    [
      'that has a hook in a container that it does not have',
      podWith({
        metadata: annotated({
          'transship.dev/hooks': '{"onRollback":{"exec":{"container":"sidecar","command":["/x"]}}}',
        }),
      }),
      'HookMalformed: Pod default/web-1 does not have the container of a hook: onRollback of the pod in container sidecar',
    ],
    [
      'that is being deleted',
      podWith({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }),
      'PodTerminating: Pod default/web-1 is being deleted since 2026-01-01T00:00:00Z',
    ],
    ['that has not started', podWith({ status: { phase: 'Pending' } }), 'PodNotRunning: Pod default/web-1 is Pending'],
    [
      'that still prepares itself',
      podWith({
        spec: { initContainers: [{ name: 'setup' }, { name: 'done' }] },
        status: {
          phase: 'Pending',
          initContainerStatuses: [statusOf('setup', false), statusOf('done', true)],
        },
      }),
      'InitContainersRunning: Pod default/web-1 has init containers that have not ended: setup',
    ],
    [
      'whose container waits to be restarted',
      podWith({
        status: {
          containerStatuses: [
            { name: 'web', image: '', imageID: '', ready: false, restartCount: 1, state: { waiting: {} } },
          ],
        },
      }),
      'PodNotRunning: Pod default/web-1 has a container that is not running: web',
    ],
    [
      'whose sidecar waits to be restarted',
      podWith({
        spec: { initContainers: [{ name: 'setup' }, { name: 'proxy', restartPolicy: 'Always' }] },
        status: {
          initContainerStatuses: [
            { ...statusOf('setup', true), state: { terminated: {} } },
            { ...statusOf('proxy', false), state: { waiting: {} } },
          ],
        },
      }),
      'PodNotRunning: Pod default/web-1 has a container that is not running: proxy',
    ],
    [
      'with an annotation that may mean anything',
      podWith({ metadata: { annotations: { 'transship.dev/migrate': 'yes' } } }),
      'AnnotationMalformed: Pod default/web-1 has the annotation transship.dev/migrate: "yes"; write "true" or "false"',
    ],
    [
      'with a misspelt annotation',
      podWith({ metadata: annotated({ 'transship.dev/migrte': 'true' }) }),
      'AnnotationMalformed: Pod default/web-1 has an annotation that Transship does not know: transship.dev/migrte',
    ],
    [
      'that did not opt in',
      podWith({ metadata: { annotations: {} } }),
      'NotOptedIn: Pod default/web-1 does not carry the annotation transship.dev/migrate: "true"',
    ],
    [
      'that opted out',
      podWith({ metadata: { annotations: { 'transship.dev/migrate': 'false' } } }),
      'NotOptedIn: Pod default/web-1 does not carry the annotation transship.dev/migrate: "true"',
    ],
    [
      'that is a target',
      podWith({ metadata: { labels: { 'transship.dev/target': 'm' } } }),
      'PodIsTarget: Pod default/web-1 is the target of the Migration m, which is still running',
    ],
    [
      'of a file on its node',
      podWith({ metadata: { ...annotated({ 'kubernetes.io/config.mirror': 'x' }), ...ownedBy('Node') } }),
      'MirrorPod: Pod default/web-1 is a static pod of its node',
    ],
    [
      'of a DaemonSet',
      podWith({ metadata: ownedBy('DaemonSet') }),
      'DaemonSetPod: Pod default/web-1 belongs to DaemonSet owner, which wants one pod on each node',
    ],
    [
      'of an owner that nobody knows',
      podWith({ metadata: ownedBy('CloneSet') }),
      'OwnerNotSupported: Pod default/web-1 belongs to CloneSet owner; supported are ReplicaSet, ReplicationController, Job, StatefulSet, and pods without an owner',
    ],
    [
      'of a StatefulSet that was started before Transship was there',
      podWith({ metadata: ownedBy('StatefulSet') }),
      'SignalsNotHeld: Pod default/web-1 keeps its name when it moves and was not started under the RuntimeClass transship; it gets the class when it is created anew with the annotation',
    ],
    [
      'of nobody that was started before Transship was there',
      podWith({ metadata: { ownerReferences: [] } }),
      'SignalsNotHeld: Pod default/web-1 keeps its name when it moves and was not started under the RuntimeClass transship; it gets the class when it is created anew with the annotation',
    ],
    [
      'of nobody that is told to stop',
      podWith({
        metadata: { ownerReferences: [] },
        spec: {
          runtimeClassName: 'transship',
          containers: [{ name: 'web', image: 'web:1', lifecycle: { preStop: { exec: { command: ['stop'] } } } }],
        },
      }),
      'StopHookUsed: Pod default/web-1 keeps its name when it moves and has a preStop hook in container web, which the kubelet would run in the middle of the move',
    ],
    [
      'on the network of its node',
      podWith({ spec: { hostNetwork: true } }),
      'HostNetworkUsed: Pod default/web-1 uses hostNetwork',
    ],
    [
      'among the processes of its node',
      podWith({ spec: { hostPID: true } }),
      'HostPIDUsed: Pod default/web-1 uses hostPID',
    ],
    ['with the IPC of its node', podWith({ spec: { hostIPC: true } }), 'HostIPCUsed: Pod default/web-1 uses hostIPC'],
    [
      'with a port of its node',
      podWith({ spec: container({ ports: [{ hostPort: 80 }] }) }),
      'HostPortUsed: Pod default/web-1 uses a hostPort in container web',
    ],
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
    [
      'with one process namespace',
      podWith({ spec: { shareProcessNamespace: true } }),
      'SharedProcessNamespace: Pod default/web-1 uses shareProcessNamespace',
    ],
    [
      'with a hook after its start',
      podWith({ spec: container({ lifecycle: { postStart: { exec: { command: ['register'] } } } }) }),
      'StartHookUsed: Pod default/web-1 has a postStart hook in container web, which the kubelet would run once more',
    ],
    [
      'with a debug container',
      podWith({ spec: { ephemeralContainers: [{ name: 'debug' }] } }),
      'EphemeralContainerPresent: Pod default/web-1 has a debug container: debug',
    ],
    [
      'with a terminal',
      podWith({ spec: container({ tty: true }) }),
      'TerminalUsed: Pod default/web-1 has tty or stdin in container web',
    ],
    [
      'that is privileged',
      podWith({ spec: container({ securityContext: { privileged: true } }) }),
      'PrivilegedContainer: Pod default/web-1 has a privileged container: web',
    ],
    [
      'in a user namespace',
      podWith({ spec: { hostUsers: false } }),
      'UserNamespaceUsed: Pod default/web-1 sets hostUsers: false',
    ],
    [
      'in a RuntimeClass of its own',
      podWith({ spec: { runtimeClassName: 'gvisor' } }),
      'RuntimeClassForeign: Pod default/web-1 names the RuntimeClass gvisor',
    ],
    [
      'that chooses options of CRIU',
      podWith({ metadata: annotated({ 'org.criu.config': '/tmp/x' }) }),
      'CheckpointOptionsForbidden: Pod default/web-1 carries the annotation org.criu.config',
    ],
    [
      'with a folder of its node',
      podWith({ spec: { volumes: [{ name: 'logs', hostPath: { path: '/var/log' } }] } }),
      'HostPathUsed: Pod default/web-1 mounts a hostPath of its node: logs (/var/log)',
    ],
    [
      'with volumes of other kinds',
      podWith({
        spec: {
          volumes: [
            { name: 'share', nfs: {} },
            { name: 'secrets', csi: {} },
          ],
        },
      }),
      'VolumeNotSupported: Pod default/web-1 has a volume that cannot go along: share (nfs), secrets (csi)',
    ],
    [
      'with a claim that nobody has looked at',
      podWith({ spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'web' } }] } }),
      'VolumeNotSupported: Pod default/web-1 has a volume that cannot go along: data (PersistentVolumeClaim web)',
    ],
    [
      'with a GPU',
      podWith({
        spec: container({ resources: { limits: { 'nvidia.com/gpu': 1 }, requests: { 'gpu.intel.com/i915': '1' } } }),
      }),
      'GPUUsed: Pod default/web-1 uses a GPU: gpu.intel.com/i915, nvidia.com/gpu',
    ],
    [
      'with a slice of a GPU',
      podWith({ spec: container({ resources: { limits: { 'nvidia.com/mig-1g.5gb': 1 } } }) }),
      'GPUUsed: Pod default/web-1 uses a GPU: nvidia.com/mig-1g.5gb',
    ],
    [
      'with a device',
      podWith({ spec: container({ resources: { limits: { 'example.com/sriov': 1 } } }) }),
      'DeviceUsed: Pod default/web-1 uses example.com/sriov',
    ],
    [
      'with a block volume and a claim',
      podWith({ spec: { ...container({ volumeDevices: [{}] }), resourceClaims: [{}] } }),
      'DeviceUsed: Pod default/web-1 uses a block volume, a resource claim',
    ],
  ])('%s cannot be moved', (_name, pod, expected) => {
    expect(findings(pod)).toEqual([expected]);
  });

  it('that waits for a sidecar only is not called initializing', () => {
    const pod = podWith({
      spec: { initContainers: [{ name: 'proxy', restartPolicy: 'Always' }] },
      status: { phase: 'Pending', initContainerStatuses: [statusOf('proxy', false)] },
    });
    expect(findings(pod)[0]).toBe('PodNotRunning: Pod default/web-1 is Pending');
  });

  it('on the network of its node does not hear of the addresses that are not its own', () => {
    const pod = podWith({ spec: { hostNetwork: true }, status: { podIPs: [{ ip: '192.0.2.1' }, { ip: 'fd00::1' }] } });
    expect(findings(pod)).toEqual(['HostNetworkUsed: Pod default/web-1 uses hostNetwork']);
  });

  it('on a node without an agent cannot be moved', () => {
    const said = (sourceNode: Parameters<typeof findingsOf>[0]['sourceNode']) =>
      findingsOf({ pod: podWith(), sourceNode, policy: builtIn, now })[0]?.message;
    expect(said(undefined)).toBe(
      'Pod default/web-1 runs on node n1, which cannot send it: no Transship agent has reported from it',
    );
    expect(said(agentOf('n1', { heartbeatTime: new Date(now - 60_000).toISOString() }))).toContain(
      'its agent has been silent for 60 s',
    );
  });

  describe('with nodes around it', () => {
    const nodeOf = (name: string, changes: Partial<Candidate> = {}): Candidate => ({
      name,
      node: { metadata: { name, uid: name, resourceVersion: '1' } },
      agent: agentOf(name),
      inbound: 0,
      ...changes,
    });
    const cordoned = (name: string, changes: Partial<Candidate> = {}): Candidate =>
      nodeOf(name, { node: { ...nodeOf(name).node!, spec: { unschedulable: true } }, ...changes });
    const weak = (name: string): Partial<Candidate> => ({ agent: agentOf(name, { criuVersion: '3.17' }) });
    const said = (candidates: readonly Candidate[], sourceNode = agentOf('n1')) =>
      findingsOf({
        pod: podWith(),
        sourceNode,
        policy: builtIn,
        now,
        places: { sourceNode: undefined, candidates },
      }).map(({ reason, message }) => `${reason}: ${message}`);

    it.each<[string, Candidate[]]>([
      ['one of which fits', [nodeOf('n1'), nodeOf('n2', weak('n2')), nodeOf('n3')]],
      ['one of which may fit later', [nodeOf('n1'), nodeOf('n2', weak('n2')), cordoned('n3')]],
      ['that take as many moves as they may', [nodeOf('n1'), nodeOf('n2', { inbound: 2 })]],
    ])('%s can be moved', (_what, candidates) => {
      expect(said(candidates)).toEqual([]);
    });

    it('none of which ever fits, cannot, and hears why for each', () => {
      const candidates = [
        nodeOf('n1'),
        nodeOf('n2', weak('n2')),
        cordoned('n3', weak('n3')),
        nodeOf('n4', { agent: undefined }),
      ];
      expect(said(candidates)).toEqual([
        "NoNodeFits: Pod default/web-1 fits on none of the 3 other nodes: NodeCRIUTooOld: has CRIU 3.17, older than the source's 4.2.1 (n2, n3); NodeCordoned: is cordoned (n3); NodeHasNoAgent: has no usable Transship agent (no Transship agent has reported from it) (n4)",
      ]);
    });

    it('of which there is none but its own, cannot', () => {
      expect(said([nodeOf('n1')])).toEqual(['NoNodeFits: Pod default/web-1 has no other node to go to']);
    });

    it('is told of some of many nodes only', () => {
      const candidates = Array.from({ length: 5_000 }, (_, i) => nodeOf(`w${i}`, weak(`w${i}`)));
      expect(said(candidates)[0]).toMatch(/ \(w0, w1, .*, w9 and 4990 more\)$/);
    });

    it('hears nothing of them while nothing is known of its own', () => {
      const silent = agentOf('n1', { ready: false, message: 'no CRIU' });
      expect(said([nodeOf('n1')], silent).map((text) => text.split(':')[0])).toEqual(['SourceNodeHasNoAgent']);
    });
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
