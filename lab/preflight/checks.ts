import { accessSync, constants, existsSync } from 'node:fs';
import { readFile, statfs } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';

import { cacheFolder } from '../cache/folder.ts';
import { outcome, succeeds } from '../process.ts';

export interface Check {
  readonly what: string;
  readonly fix: string;
  /** The Debian package whose installation is the fix. */
  readonly package?: string;
  readonly holds: () => Promise<boolean>;
}

function onPath(command: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const needsCommand = (command: string, debianPackage: string): Check => ({
  what: `command ${command}`,
  fix: `apt-get install -y ${debianPackage}`,
  package: debianPackage,
  holds: () => Promise.resolve(onPath(command)),
});

export const commandChecks: readonly Check[] = [
  needsCommand('mmdebstrap', 'mmdebstrap'),
  needsCommand('ip', 'iproute2'),
  needsCommand('nsenter', 'util-linux'),
  needsCommand('unshare', 'util-linux'),
  needsCommand('mount', 'mount'),
  needsCommand('openssl', 'openssl'),
  needsCommand('gcc', 'gcc'),
  needsCommand('tar', 'tar'),
  {
    what: 'C library headers',
    fix: 'apt-get install -y libc6-dev',
    package: 'libc6-dev',
    holds: () => Promise.resolve(existsSync('/usr/include/stdio.h')),
  },
  {
    what: "Debian's archive keys",
    fix: 'apt-get install -y debian-archive-keyring',
    package: 'debian-archive-keyring',
    holds: () => Promise.resolve(existsSync('/usr/share/keyrings/debian-archive-keyring.gpg')),
  },
];

const gibibyte = 1024 ** 3;
const diskNeeded = 12;
const memoryNeeded = 8;

export const machineChecks: readonly Check[] = [
  {
    what: 'root',
    fix: 'run as root (sudo make …): namespaces, mounts and cgroups are made',
    holds: () => Promise.resolve(process.getuid?.() === 0),
  },
  {
    what: 'Go 1.26 or newer',
    fix: "install Go 1.26 or newer from Go's download page and put its bin folder on the PATH",
    holds: goIsNewEnough,
  },
  {
    what: 'Linux on x86-64',
    fix: 'use such a machine: images and programs of the lab are built for it',
    holds: () => Promise.resolve(process.platform === 'linux' && process.arch === 'x64'),
  },
  kernelFeature('overlay file system', 'CONFIG_OVERLAY_FS', async () =>
    (await readFile('/proc/filesystems', 'utf8')).includes('\toverlay\n'),
  ),
  kernelFeature(
    'network, process, host name and IPC namespaces',
    'CONFIG_NET_NS, CONFIG_PID_NS, CONFIG_UTS_NS, CONFIG_IPC_NS',
    () => succeeds('unshare', ['-n', '-m', '-p', '-u', '-i', '--fork', 'true']),
  ),
  kernelFeature('nftables', 'CONFIG_NF_TABLES', async () =>
    (await readFile('/proc/kallsyms', 'latin1')).includes(' nf_tables_newtable'),
  ),
  kernelFeature('network bridge', 'CONFIG_BRIDGE', () => canAddLink('bridge')),
  kernelFeature('virtual Ethernet pairs', 'CONFIG_VETH', () => canAddLink('veth')),
  kernelFeature('checkpoint and restore', 'CONFIG_CHECKPOINT_RESTORE', () =>
    Promise.resolve(existsSync('/proc/self/map_files')),
  ),
  {
    what: 'cgroups at /sys/fs/cgroup',
    fix: 'mount the cgroup hierarchies there, as every init system does',
    holds: async () => (await readFile('/proc/self/mounts', 'utf8')).includes(' /sys/fs/cgroup'),
  },
  {
    what: `${String(memoryNeeded)} GiB of memory`,
    fix: 'use a machine with more memory',
    holds: async () => {
      const kibibytes = /MemTotal:\s+([0-9]+)/.exec(await readFile('/proc/meminfo', 'utf8'))?.[1];
      return Number(kibibytes) * 1024 >= memoryNeeded * 0.95 * gibibyte;
    },
  },
  {
    what: `${String(diskNeeded)} GiB free for the cache in ${cacheFolder()}`,
    fix: 'free some space, or set TRANSSHIP_LAB_CACHE to a folder on a larger disk',
    holds: async () => {
      const { bavail, bsize } = await statfs(nearestExisting(cacheFolder()));
      return bavail * bsize >= diskNeeded * gibibyte;
    },
  },
];

function kernelFeature(what: string, option: string, holds: () => Promise<boolean>): Check {
  return { what: `kernel feature: ${what}`, fix: `use a kernel with ${option}, or load its module`, holds };
}

async function goIsNewEnough(): Promise<boolean> {
  const { stdout } = await outcome('go', ['env', 'GOVERSION']).catch(() => ({ stdout: '' }));
  const [, major, minor] = /^go([0-9]+)\.([0-9]+)/.exec(stdout) ?? [];
  return Number(major) > 1 || Number(minor) >= 26;
}

/** In a network namespace of its own, so that nothing is left behind. */
const canAddLink = (type: string): Promise<boolean> =>
  succeeds('unshare', ['-n', 'ip', 'link', 'add', 'probe0', 'type', type]);

function nearestExisting(folder: string): string {
  return existsSync(folder) ? folder : nearestExisting(dirname(folder));
}
