import { join } from 'node:path';

/** What the lab is made of: its nodes, its addresses, and where it keeps its state. */

export type Runtime = 'containerd' | 'docker';

export interface LabNode {
  readonly name: string;
  readonly address: string;
  readonly runtime: Runtime;
  readonly controlPlane: boolean;
}

const node = (index: number, runtime: Runtime, controlPlane = false): LabNode => ({
  name: `n${String(index)}`,
  address: `172.30.0.1${String(index)}`,
  runtime,
  controlPlane,
});

export const controlPlane = node(0, 'containerd', true);

export const nodes: readonly LabNode[] = [
  controlPlane,
  node(1, 'containerd'),
  node(2, 'containerd'),
  node(3, 'docker'),
  node(4, 'docker'),
];

export const workers = nodes.filter((each) => !each.controlPlane);

export const kubernetesVersion = '1.37.2';

export const network = {
  bridge: 'tslab0',
  hostAddress: '172.30.0.1',
  nodePrefix: 24,
  podCidr: '10.244.0.0/16',
  /** Pods, and the addresses that Transship gives to pods it may move: both count as in the cluster. */
  clusterCidr: '10.244.0.0/15',
  movableCidr: '10.245.0.0/16',
  serviceCidr: '10.96.0.0/16',
  kubernetesService: '10.96.0.1',
  clusterDns: '10.96.0.10',
} as const;

export const apiServer = `https://${controlPlane.address}:6443`;

/** Emptied and unmounted by lab-down. */
export const stateFolder = '/run/transship-lab';
/** Beside the state folder, which comes and goes. */
export const labLock = '/run/transship-lab.lock';
/** A link to where the running lab's container stores are. */
export const storesLink = join(stateFolder, 'stores');
export const kubeconfigFile = join(stateFolder, 'kubeconfig');
/** What the running lab was made from; written last, so a lab that has it is whole. */
export const madeFromFile = join(stateFolder, 'made-from.json');
export const pkiFolder = join(stateFolder, 'pki');

export const nodeFolder = (name: string): string => join(stateFolder, 'nodes', name);
/** The part of a node's folder that the node sees, as /lab. */
export const nodeShare = (name: string): string => join(nodeFolder(name), 'lab');
export const nodeLogs = (name: string): string => join(nodeShare(name), 'log');
export const cgroupName = (name: string): string => `lab-${name}`;

export function nodeNamed(name: string): LabNode {
  const found = nodes.find((each) => each.name === name);
  if (found) return found;
  throw new Error(`no node ${name} in the lab; there are ${nodes.map((each) => each.name).join(', ')}`);
}
