import { expect, it } from 'vitest';
import { featuresOn } from './layer-features.ts';

const off = { redirect_dir: false, metacopy: false };
const mountOf = (options: string): string =>
  `22 1 8:1 / / rw - ext4 /dev/sda1 rw\n70 22 0:50 / /run/b/rootfs rw,relatime - overlay overlay rw,lowerdir=/l,upperdir=/u,workdir=/w${options}`;

it.each<[string, string, typeof off, readonly string[]]>([
  ['nothing', '', off, []],
  ['what is turned on for the mount', ',redirect_dir=on,metacopy=on', off, ['redirect_dir', 'metacopy']],
  ['what is turned on for all', '', { redirect_dir: true, metacopy: false }, ['redirect_dir']],
  ['not what is turned off for the mount', ',metacopy=off', { redirect_dir: false, metacopy: true }, []],
  ['not what is only followed', ',redirect_dir=follow', off, []],
])('a writable layer needs its image for %s', (_what, options, byDefault, expected) => {
  expect(featuresOn(mountOf(options), '/run/b/rootfs', byDefault)).toEqual(expected);
  expect(featuresOn(mountOf(options), '/elsewhere', byDefault)).toEqual([]);
});
