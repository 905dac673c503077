import { chmod, copyFile, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { Artefact } from '../cache/artefact.ts';
import { run } from '../process.ts';
import { debianRecipe, makeDebianTree, type DebianTree } from './debian-tree.ts';

const native = (name: string): string => join(import.meta.dirname, 'native', name);

const debian: DebianTree = {
  variant: 'minbase',
  packages: [
    'ca-certificates',
    'conntrack',
    'containerd',
    'containernetworking-plugins',
    'criu',
    'docker-cli',
    'docker.io',
    'ethtool',
    'etcd-server',
    'glusterfs-client',
    'glusterfs-server',
    'iproute2',
    'iptables',
    'iputils-ping',
    'jq',
    'kmod',
    'mount',
    'nftables',
    'procps',
    'psmisc',
    'runc',
    'socat',
    'tcpdump',
    'util-linux',
  ],
};

const scripts = {
  'usr/local/sbin/criu': native('criu.sh'),
  'usr/local/sbin/clamp-runc': native('clamp-runc.sh'),
  'usr/libexec/kubernetes/kubelet-plugins/volume/exec/lab~glusterfs/glusterfs': native('glusterfs-volume.sh'),
};
const folders = [
  'lab',
  'oldroot',
  'opt/cni/bin',
  'etc/cni/net.d',
  'etc/containerd/conf.d',
  'etc/docker',
  'etc/kubernetes',
];

/** The file system that every node starts from; each node writes to a layer of its own above it. */
export const nodeTree: Artefact = {
  name: 'node-tree',
  describe: "making the nodes' file system (1 minute)",
  texts: [debianRecipe(debian), JSON.stringify(folders)],
  files: [native('rlimit.c'), ...Object.values(scripts)],
  build: async (folder, log) => {
    const tree = join(folder, 'tree');
    await makeDebianTree(debian, tree, log);
    for (const each of folders) await mkdir(join(tree, each), { recursive: true });
    for (const [target, source] of Object.entries(scripts)) await installScript(source, join(tree, target));
    await compileRlimit(join(tree, 'usr/local/lib/transship-lab/rlimit.so'), log);
    // Debian keeps CNI plugins elsewhere than most clusters do, and programs that add one expect the usual place.
    for (const plugin of await readdir(join(tree, 'usr/lib/cni')))
      await copyFile(join(tree, 'usr/lib/cni', plugin), join(tree, 'opt/cni/bin', plugin));
    await symlink('/proc/mounts', join(tree, 'etc/mtab')).catch(() => undefined);
    // Pods inherit it; the lab has no DNS server, and a missing file would be an error for kubelet.
    await writeFile(join(tree, 'etc/resolv.conf'), '');
  },
};

async function installScript(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await copyFile(source, target);
  await chmod(target, 0o755);
}

async function compileRlimit(output: string, log: string): Promise<void> {
  await mkdir(dirname(output), { recursive: true });
  await run('gcc', ['-O2', '-Wall', '-shared', '-fPIC', '-o', output, native('rlimit.c')], { log });
}
