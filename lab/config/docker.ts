/** Docker Engine's configuration: kubelet and CNI do what it would do about networks and cgroups. */
export function dockerConfig(cgroup: string): string {
  const config = {
    bridge: 'none',
    iptables: false,
    ip6tables: false,
    'ip-forward': false,
    'live-restore': true,
    experimental: true,
    'storage-driver': 'overlay2',
    'exec-opts': ['native.cgroupdriver=cgroupfs'],
    'cgroup-parent': `/${cgroup}/docker`,
    // See clamp-runc.sh: the lab's stand-in for a capability that this machine may lack.
    'default-runtime': 'clamp',
    runtimes: { clamp: { path: '/usr/local/sbin/clamp-runc' } },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
