import { expect, it } from 'vitest';
import { generatedVolumesAmong, watchedIn } from './watched-files.ts';

it('finds the inodes that a descriptor of inotify watches, as stat(2) has them', () => {
  const fdinfo = `pos:	0
flags:	00
inotify wd:2 ino:9e7e sdev:800013 mask:800afce ignored_mask:0 fhandle-bytes:8 fhandle-type:1 f_handle:7e9e0000640d1b6d
inotify wd:1 ino:a111 sdev:100123 mask:2 ignored_mask:0 fhandle-bytes:8
`;
  // 0x800013 is device 8:19, 0x100123 is 1:291; see gnu_dev_makedev(3).
  expect(watchedIn(fdinfo)).toEqual(['2067:40574', '1048867:41233']);
  expect(watchedIn('pos:	0\n')).toEqual([]);
});

it('knows the volumes whose files change their folder', () => {
  const volumes = '/var/lib/kubelet/pods/1f2e/volumes';
  const generated = ['configmap/web', 'secret/key', 'projected/kube-api-access', 'downward-api/labels'].map(
    (name) => `${volumes}/kubernetes.io~${name}`,
  );
  const others = [`${volumes}/kubernetes.io~empty-dir/data`, '/var/lib/kubelet/pods/1f2e/etc-hosts', 'proc', ''];
  expect(generatedVolumesAmong([...others, ...generated, ...generated])).toEqual(generated);
});
