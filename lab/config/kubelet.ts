import { cgroupName, network, type LabNode } from '../cluster.ts';

/** kubelet's configuration; JSON is YAML. */
export function kubeletConfig(node: LabNode, runtimeEndpoint: string): string {
  const config = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: runtimeEndpoint,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${cgroupName(node.name)}`,
    failCgroupV1: false,
    failSwapOn: false,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: '/lab/pki/ca.crt' },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: '/lab/pki/kubelet.crt',
    tlsPrivateKeyFile: '/lab/pki/kubelet.key',
    clusterDNS: [network.clusterDns],
    clusterDomain: 'cluster.local',
    resolvConf: '/etc/resolv.conf',
    serializeImagePulls: false,
    nodeLeaseDurationSeconds: 20,
    // What tests kill again and again is to come back at once, not after minutes.
    crashLoopBackOff: { maxContainerRestartPeriod: '1s' },
    // All nodes share one machine: its disk and memory must not evict their pods.
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    imageGCHighThresholdPercent: 100,
    // cri-dockerd gives a streaming address without a scheme, which kubelet's own websocket translator
    // (on by default since 1.36) takes for HTTPS: exec and attach would fail.
    ...(node.runtime === 'docker' ? { featureGates: { ExtendWebSocketsToKubelet: false } } : {}),
    ...(node.controlPlane
      ? { registerWithTaints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] }
      : {}),
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
