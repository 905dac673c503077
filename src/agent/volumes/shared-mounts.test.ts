import { describe, expect, it } from 'vitest';
import { podFolderIn, sharedMountsIn } from './shared-mounts.ts';

const pod = '/var/lib/kubelet/pods/1f2e';
const config = (...mounts: readonly object[]): string => JSON.stringify({ ociVersion: '1.2', mounts });
const found = (source: string, ...shared: readonly string[]) =>
  sharedMountsIn(config({ destination: '/data', source }), new Set(shared));

describe('a mount is of a volume that other nodes mount as well', () => {
  it.each([
    ['when a CSI driver has mounted it', `${pod}/volumes/kubernetes.io~csi/pv-7/mount`, []],
    ['when it is NFS', `${pod}/volumes/kubernetes.io~nfs/pv-7`, []],
    ['when a driver of another name has', `${pod}/volumes/transship.dev~glusterfs/pv-7`, []],
    ['when it is a part of such a volume', `${pod}/volume-subpaths/pv-7/app/0`, ['pv-7', 'pv-8']],
  ])('%s', (_when, source, shared) => {
    expect(found(source, ...shared)).toEqual([{ volume: 'pv-7', destination: '/data', source }]);
  });
});

describe('a mount is not', () => {
  it.each([
    ['of an emptyDir', `${pod}/volumes/kubernetes.io~empty-dir/cache`],
    ['of a secret', `${pod}/volumes/kubernetes.io~secret/s`],
    ['of a service account', `${pod}/volumes/kubernetes.io~projected/kube-api-access-x`],
    ['of a part of an emptyDir', `${pod}/volume-subpaths/cache/app/0`],
    ['of the kubelet itself', `${pod}/etc-hosts`],
    ['of the kernel', 'proc'],
  ])('%s', (_what, source) => {
    expect(found(source, 'pv-7')).toEqual([]);
  });

  it('without a source', () => {
    expect(sharedMountsIn(config({ destination: '/sys/fs/cgroup' }), new Set())).toEqual([]);
  });
});

it('the folder of a pod is known by anything that the kubelet has put there', () => {
  expect(
    podFolderIn(config({ destination: '/proc', source: 'proc' }, { source: `${pod}/etc-hosts`, destination: '/x' })),
  ).toBe(pod);
  expect(podFolderIn(config({ destination: '/proc', source: 'proc' }))).toBeUndefined();
});
