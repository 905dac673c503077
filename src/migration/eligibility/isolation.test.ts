import { describe, expect, it } from 'vitest';
import type { Pod } from '../../api/pod.ts';
import { podWith } from '../move-fixture.ts';
import { annotated, container, findings } from './finding-fixture.ts';

describe('a pod', () => {
  it.each<[string, Pod, string]>([
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
  ])('%s cannot be moved', (_name, pod, expected) => {
    expect(findings(pod)).toEqual([expected]);
  });
});
