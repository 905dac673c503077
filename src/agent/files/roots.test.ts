import { describe, expect, it } from 'vitest';
import { treesIn, upperDirectory } from './roots.ts';

const pod = '/var/lib/kubelet/pods/1f2e/volumes/kubernetes.io~empty-dir';
const config = (path: string, ...mounts: readonly object[]) =>
  JSON.stringify({ ociVersion: '1.2', root: { path }, mounts });

describe('the trees of a bundle', () => {
  it('are the root file system, wherever it lies', () => {
    expect(treesIn('/run/b', config('rootfs'))).toEqual({ rootfs: '/run/b/rootfs', volumes: [], inParts: [] });
    expect(treesIn('/run/b', config('/var/lib/docker/overlay2/x/merged')).rootfs).toBe(
      '/var/lib/docker/overlay2/x/merged',
    );
  });

  it('are emptyDirs, each once and whole, and /dev/shm of the sandbox', () => {
    const { volumes } = treesIn(
      '/run/b',
      config(
        'rootfs',
        { destination: '/data', source: `${pod}/cache` },
        { destination: '/other', source: `${pod}/cache/sub/path` },
        { destination: '/tmp', source: `${pod}/tmp` },
        { destination: '/dev/shm', source: '/run/containerd/sandboxes/s/shm' },
      ),
    );
    expect(volumes).toEqual([
      { name: 'emptydir/cache', path: `${pod}/cache` },
      { name: 'emptydir/tmp', path: `${pod}/tmp` },
      { name: 'shm', path: '/run/containerd/sandboxes/s/shm' },
    ]);
  });

  it('may be volumes of which only parts are mounted, whole, and none that is mounted as well', () => {
    const parts = '/var/lib/kubelet/pods/1f2e/volume-subpaths';
    const { inParts } = treesIn(
      '/run/b',
      config(
        'rootfs',
        { destination: '/data', source: `${pod}/cache` },
        { destination: '/a', source: `${parts}/cache/app/0` },
        { destination: '/b', source: `${parts}/state/app/1` },
        { destination: '/c', source: `${parts}/state/app/2` },
      ),
    );
    expect(inParts).toEqual([{ name: 'emptydir/state', path: `${pod}/state` }]);
  });

  it.each([
    ['a file of the kubelet', { destination: '/etc/hosts', source: '/var/lib/kubelet/pods/1f2e/etc-hosts' }],
    ['a secret', { destination: '/s', source: '/var/lib/kubelet/pods/1f2e/volumes/kubernetes.io~secret/s' }],
    ['a file system of the kernel', { destination: '/proc', source: 'proc' }],
    ['a tmpfs of the container alone', { destination: '/dev/shm', source: 'shm' }],
    ['a mount without a source', { destination: '/sys/fs/cgroup' }],
  ])('leave out %s', (_what, mount) => {
    expect(treesIn('/run/b', config('rootfs', mount)).volumes).toEqual([]);
  });
});

describe('the writable layer', () => {
  const mountinfo = [
    '22 1 8:1 / / rw - ext4 /dev/sda1 rw',
    '70 22 0:50 / /run/b/rootfs rw,relatime shared:9 - overlay overlay rw,lowerdir=/l/1:/l/2,upperdir=/snap/7/fs,workdir=/snap/7/work',
    '71 22 0:51 / /run/c/rootfs rw - overlay overlay rw,lowerdir=/l/1',
    '72 22 0:52 / /run/d/rootfs rw - tmpfs tmpfs rw',
  ].join('\n');

  it.each([
    ['an overlay', '/run/b/rootfs', '/snap/7/fs'],
    ['an overlay that is read-only', '/run/c/rootfs', undefined],
    ['another file system', '/run/d/rootfs', undefined],
    ['no mount at all', '/run/e/rootfs', undefined],
  ])('is known of %s', (_what, rootfs, expected) => {
    expect(upperDirectory(mountinfo, rootfs)).toBe(expected);
  });
});
