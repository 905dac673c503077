import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { kubeconfigFile, network, nodes, nodeShare, pkiFolder, type LabNode } from '../cluster.ts';
import { flannelUser } from '../config/flannel.ts';
import { issue, makeAuthority, type Identity } from './authority.ts';
import { writeKubeconfig } from './kubeconfig.ts';

const kubelet = (node: LabNode): Identity => ({
  name: `kubelet-${node.name}`,
  commonName: `system:node:${node.name}`,
  organization: 'system:nodes',
  serves: [`DNS:${node.name}`, `IP:${node.address}`],
});

const apiServerFor = (node: LabNode): Identity => ({
  name: 'apiserver',
  commonName: 'kube-apiserver',
  serves: [
    ...['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'localhost', node.name].map(
      (name) => `DNS:${name}`,
    ),
    ...[node.address, network.kubernetesService, '127.0.0.1'].map((address) => `IP:${address}`),
  ],
});

const clients: readonly Identity[] = [
  { name: 'admin', commonName: 'lab-admin', organization: 'system:masters' },
  { name: 'apiserver-kubelet', commonName: 'kube-apiserver-kubelet-client', organization: 'system:masters' },
  { name: 'controller-manager', commonName: 'system:kube-controller-manager' },
  { name: 'scheduler', commonName: 'system:kube-scheduler' },
  { name: 'kube-proxy', commonName: 'system:kube-proxy' },
  { name: 'flannel', commonName: flannelUser },
];

/** Makes the cluster's certificates and hands each node the ones it may hold. */
export async function makeClusterCertificates(): Promise<void> {
  await makeAuthority();
  const control = nodes.filter((node) => node.controlPlane);
  await Promise.all([...clients, ...control.map(apiServerFor), ...nodes.map(kubelet)].map(issue));
  await writeKubeconfig('admin', kubeconfigFile);
  await Promise.all(nodes.map(handOver));
}

async function handOver(node: LabNode): Promise<void> {
  const folder = join(nodeShare(node.name), 'pki');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const copy = (from: string, to = from): Promise<void> => copyFile(join(pkiFolder, from), join(folder, to));
  const own = kubelet(node).name;
  await copy('ca.crt');
  await copy(`${own}.crt`, 'kubelet.crt');
  await copy(`${own}.key`, 'kubelet.key');
  await writeKubeconfig(own, join(folder, 'kubelet.conf'));
  await writeKubeconfig('kube-proxy', join(folder, 'kube-proxy.conf'));
  await writeKubeconfig('flannel', join(folder, 'flannel.conf'));
  if (!node.controlPlane) return;
  for (const file of ['ca.key', 'service-account.key', 'service-account.pub']) await copy(file);
  for (const name of ['apiserver', 'apiserver-kubelet']) {
    await copy(`${name}.crt`);
    await copy(`${name}.key`);
  }
  await writeKubeconfig('controller-manager', join(folder, 'controller-manager.conf'));
  await writeKubeconfig('scheduler', join(folder, 'scheduler.conf'));
}
