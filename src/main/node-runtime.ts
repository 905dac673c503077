import type { RuntimeName } from '../api/migration.ts';
import type { Node } from '../api/pod.ts';

/** The node's container runtime, from what its kubelet reports: `containerd://2.1.9`, `docker://28.5.2`. */
export const runtimeOf = (node: Node): RuntimeName => {
  const version = node.status?.nodeInfo?.containerRuntimeVersion ?? '';
  if (version.startsWith('containerd://')) return 'containerd';
  if (version.startsWith('docker://')) return 'docker';
  throw new Error(
    `Node ${node.metadata.name} runs ${version || 'an unknown runtime'}; Transship works with containerd and Docker Engine`,
  );
};
