import { cgroupName, network, nodes, type LabNode } from '../cluster.ts';
import type { NetworkKind } from '../network-kind.ts';
import { pauseTag } from '../images/catalog.ts';
import { containerdConfig, dockerContainerdConfig } from './containerd.ts';
import { dockerConfig } from './docker.ts';
import { flannelConfig } from './flannel.ts';
import { kubeletConfig } from './kubelet.ts';

/** Services of a node, in no order: each waits for what it needs. */
export function services(node: LabNode, kind: NetworkKind): readonly string[] {
  const control = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'glusterd'];
  const docker = ['dockerd', 'cri-dockerd'];
  return [
    ...(node.controlPlane ? control : []),
    'containerd',
    ...(node.runtime === 'docker' ? docker : []),
    'kubelet',
    'kube-proxy',
    ...(kind === 'flannel' ? ['flanneld'] : []),
  ];
}

const runtimeSockets = { containerd: '/run/containerd/containerd.sock', docker: '/run/cri-dockerd.sock' } as const;

/** The files that a node starts with: a path below the node's /lab to its text. What is below etc/ ends up in /etc. */
export function nodeFiles(node: LabNode, kind: NetworkKind): ReadonlyMap<string, string> {
  const socket = runtimeSockets[node.runtime];
  const files = new Map([
    ['node.env', environment(node, socket)],
    ['config/kubelet.json', kubeletConfig(node, `unix://${socket}`)],
    ['etc/hosts', hosts()],
    ['etc/containerd/config.toml', node.runtime === 'docker' ? dockerContainerdConfig() : containerdConfig(pauseTag)],
  ]);
  if (kind === 'flannel') files.set('config/flannel.json', flannelConfig());
  if (node.runtime === 'docker') files.set('etc/docker/daemon.json', dockerConfig(cgroupName(node.name)));
  return files;
}

function environment(node: LabNode, runtimeSocket: string): string {
  const values = {
    NODE: node.name,
    ADDRESS: node.address,
    RUNTIME: node.runtime,
    RUNTIME_SOCKET: runtimeSocket,
    API_ADDRESS: nodes.find((each) => each.controlPlane)?.address ?? '',
    PAUSE_IMAGE: pauseTag,
    POD_CIDR: network.podCidr,
    CLUSTER_CIDR: network.clusterCidr,
    SERVICE_CIDR: network.serviceCidr,
  };
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value}`);
  return [...lines, awaitFunctions].join('\n');
}

/** A service that lacks what it needs ends after a while; the supervisor then starts it again. */
const awaitFunctions = `
await_socket() { for _ in $(seq 150); do [ -S "$1" ] && return; sleep 0.2; done; echo "no socket $1"; exit 1; }
await_port() { for _ in $(seq 150); do (: < "/dev/tcp/$1/$2") 2> /dev/null && return; sleep 0.2; done; echo "nothing at $1:$2"; exit 1; }
`;

function hosts(): string {
  return ['127.0.0.1 localhost', ...nodes.map(({ address, name }) => `${address} ${name}`), ''].join('\n');
}
