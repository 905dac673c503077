import { describe, expect, it } from 'vitest';

import { nodes } from '../cluster.ts';
import { nodeFiles, services } from './files.ts';

describe.each(nodes)('files of $name ($runtime)', (node) => {
  const files = nodeFiles(node, 'routes');

  it('give kubelet the socket that its runtime serves', () => {
    const kubelet = JSON.parse(files.get('config/kubelet.json') ?? '') as { readonly containerRuntimeEndpoint: string };
    const socket = node.runtime === 'docker' ? '/run/cri-dockerd.sock' : '/run/containerd/containerd.sock';
    expect(kubelet.containerRuntimeEndpoint).toBe(`unix://${socket}`);
    expect(files.get('node.env')).toContain(`RUNTIME_SOCKET=${socket}\n`);
  });

  it('configure Docker where it runs, and only there', () => {
    expect(files.has('etc/docker/daemon.json')).toBe(node.runtime === 'docker');
    expect(services(node, 'routes').includes('dockerd')).toBe(node.runtime === 'docker');
  });

  it('let containerd read drop-ins where kubelet speaks to it', () => {
    const imports = 'imports = ["/etc/containerd/conf.d/*.toml"]';
    expect(files.get('etc/containerd/config.toml')?.includes(imports)).toBe(node.runtime === 'containerd');
  });

  it('hold the control plane on one node', () => {
    expect(services(node, 'routes').includes('kube-apiserver')).toBe(node.name === 'n0');
  });

  it('have flannel only where it was asked for', () => {
    expect(files.has('config/flannel.json')).toBe(false);
    expect(services(node, 'routes')).not.toContain('flanneld');
    const config = nodeFiles(node, 'flannel').get('config/flannel.json') ?? '';
    expect(JSON.parse(config)).toMatchObject({ Network: '10.244.0.0/16', Backend: { Type: 'vxlan' } });
    expect(services(node, 'flannel')).toContain('flanneld');
  });
});
