import { type Container, lastingContainersOf, type Pod } from '../../api/pod.ts';
import { runtimeClass } from '../../api/names.ts';
import { type Check, finding } from './check.ts';
import { hasHook } from './lifecycle.ts';

export const usesHostNetwork: Check = ({ pod }) =>
  pod.spec.hostNetwork ? finding('HostNetworkUsed', pod, 'uses hostNetwork') : undefined;

export const usesHostPID: Check = ({ pod }) =>
  pod.spec.hostPID ? finding('HostPIDUsed', pod, 'uses hostPID') : undefined;

export const usesHostIPC: Check = ({ pod }) =>
  pod.spec.hostIPC ? finding('HostIPCUsed', pod, 'uses hostIPC') : undefined;

export const sharesProcessNamespace: Check = ({ pod }) =>
  pod.spec.shareProcessNamespace ? finding('SharedProcessNamespace', pod, 'uses shareProcessNamespace') : undefined;

export const usesUserNamespace: Check = ({ pod }) =>
  pod.spec.hostUsers === false ? finding('UserNamespaceUsed', pod, 'sets hostUsers: false') : undefined;

const namesWhere = (pod: Pod, holds: (container: Container) => boolean): string =>
  lastingContainersOf(pod)
    .filter(holds)
    .map((container) => container.name)
    .join(', ');

export const usesHostPort: Check = ({ pod }) => {
  const names = namesWhere(pod, (container) => container.ports?.some((port) => (port.hostPort ?? 0) > 0) ?? false);
  return names === '' ? undefined : finding('HostPortUsed', pod, `uses a hostPort in container ${names}`);
};

/** The kubelet runs it in the target, too, whose processes have long begun (kubernetes, pkg/kubelet/kuberuntime, startContainer). */
export const hasStartHook: Check = ({ pod }) => {
  const names = namesWhere(pod, (container) => hasHook(container, 'postStart'));
  return names === ''
    ? undefined
    : finding(
        'StartHookUsed',
        pod,
        `has a postStart hook in container ${names}, which the kubelet would run once more`,
      );
};

export const hasEphemeralContainer: Check = ({ pod }) => {
  const names = (pod.spec.ephemeralContainers ?? []).map((container) => container.name);
  return names.length === 0
    ? undefined
    : finding('EphemeralContainerPresent', pod, `has a debug container: ${names.join(', ')}`);
};

export const usesTerminal: Check = ({ pod }) => {
  const names = namesWhere(pod, (container) => container.tty === true || container.stdin === true);
  return names === '' ? undefined : finding('TerminalUsed', pod, `has tty or stdin in container ${names}`);
};

export const isPrivileged: Check = ({ pod }) => {
  const names = namesWhere(pod, (container) => container.securityContext?.privileged === true);
  return names === '' ? undefined : finding('PrivilegedContainer', pod, `has a privileged container: ${names}`);
};

export const namesForeignRuntimeClass: Check = ({ pod }) => {
  const name = pod.spec.runtimeClassName;
  return name === undefined || name === runtimeClass
    ? undefined
    : finding('RuntimeClassForeign', pod, `names the RuntimeClass ${name}`);
};

/** runc reads `org.criu.config` from a container's annotations, and with it a pod could choose what CRIU, as root, reads and runs. */
export const choosesCheckpointOptions: Check = ({ pod }) => {
  const names = Object.keys(pod.metadata.annotations ?? {}).filter((name) => name.startsWith('org.criu.'));
  return names.length === 0
    ? undefined
    : finding('CheckpointOptionsForbidden', pod, `carries the annotation ${names.join(', ')}`);
};
