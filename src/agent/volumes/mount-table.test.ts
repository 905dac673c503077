import { expect, it } from 'vitest';
import { isFUSE, isRemote, mountsIn } from './mount-table.ts';

const mountinfo = `22 1 8:1 / / rw,relatime - overlay overlay rw
70 22 0:50 / /data rw,relatime shared:9 master:4 - fuse.glusterfs n0:/shared rw,user_id=0
71 22 0:51 /part /my\\040data rw - nfs4 10.0.0.1:/x rw,vers=4.2
`;

it('a mount has an id, a device, a place and a kind, whatever else it has', () => {
  expect(mountsIn(mountinfo)).toEqual([
    { id: '22', device: '8:1', point: '/', type: 'overlay' },
    { id: '70', device: '0:50', point: '/data', type: 'fuse.glusterfs' },
    { id: '71', device: '0:51', point: '/my data', type: 'nfs4' },
  ]);
  expect(mountsIn('')).toEqual([]);
});

it('a file system is served by a process, or by another machine, by its kind', () => {
  expect(['fuse', 'fuse.glusterfs', 'fuseblk', 'fusectl', 'nfs4'].filter(isFUSE)).toEqual(['fuse', 'fuse.glusterfs']);
  expect(['fuse.s3fs', 'nfs', 'nfs4', 'nfsd', 'ceph', 'ext4', 'overlay', 'tmpfs'].filter(isRemote)).toEqual([
    ...['fuse.s3fs', 'nfs', 'nfs4', 'ceph'],
  ]);
});
