import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '../../api/reasons.ts';
import { onHost } from '../host/paths.ts';
import type { ProcessFacts } from './inspection.ts';

/*
 * inotify watches inodes. CRIU asks the kernel for the path of each, and watches
 * that path at the target, where the kubelet has the files of a ConfigMap, Secret,
 * projected or downward API volume in a folder of another name. To watch the
 * volume's own folder, or its link `..data`'s, does no harm.
 */

/** The watches in one /proc/PID/fdinfo/FD, as `DEVICE:INODE` of stat(2); the kernel's device has 20 bits for the minor. */
export const watchedIn = (fdinfo: string): readonly string[] =>
  [...fdinfo.matchAll(/^inotify wd:\S+ ino:([0-9a-f]+) sdev:([0-9a-f]+) /gm)].map(([, ino = '', sdev = '']) => {
    const device = Number.parseInt(sdev, 16);
    const [major, minor] = [Math.floor(device / 2 ** 20), device % 2 ** 20];
    const high = Math.floor(minor / 256) * 2 ** 20; // include/linux/kdev_t.h, new_encode_dev
    return `${String(high + major * 256 + (minor % 256))}:${String(BigInt(`0x${ino}`))}`;
  });

const kinds = /\/volumes\/kubernetes\.io~(?:configmap|secret|projected|downward-api)\/[^/]+/;

/** The volumes of this kind among what a container has mounted, by their folders on the host. */
export const generatedVolumesAmong = (sources: readonly string[]): readonly string[] => [
  ...new Set(sources.flatMap((source) => (kinds.test(source) ? [source] : []))),
];

/** The files of the volume's present generation, and its folder, by inode. */
const inodesOf = async (volume: string): Promise<readonly (readonly [string, string])[]> => {
  const folder = onHost(join(volume, '..data'));
  const names = await readdir(folder, { recursive: true }).catch(() => []); // part of a volume, or going away
  const found = await Promise.all(
    ['', ...names].map(async (name) => {
      const s = await stat(join(folder, name), { bigint: true }).catch(() => undefined); // replaced since
      return s && ([`${s.dev}:${s.ino}`, join(volume, name)] as const);
    }),
  );
  return found.flatMap((each) => (each ? [each] : []));
};

const watchesOf = async ({ pid, descriptors }: ProcessFacts): Promise<readonly string[]> => {
  if (!descriptors.some((descriptor) => descriptor.includes('inotify'))) return [];
  const folder = onHost(`/proc/${pid}/fdinfo`);
  const names = await readdir(folder).catch(() => []); // it has ended
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8').catch(() => ''))); // closed since
  return texts.flatMap(watchedIn);
};

/** @param volumes of which the kubelet makes each generation in a folder of its own, by their folders on the host */
export const watchedFileFindings = async (
  pod: string,
  processes: readonly ProcessFacts[],
  volumes: readonly string[],
): Promise<readonly Finding[]> => {
  const watches = await Promise.all(processes.map(async (process) => ({ process, inodes: await watchesOf(process) })));
  if (watches.every(({ inodes }) => inodes.length === 0)) return [];
  const names = new Map((await Promise.all(volumes.map(inodesOf))).flat());
  return watches.flatMap(({ process: { pid, command }, inodes }) => {
    const path = inodes.map((inode) => names.get(inode)).find((name) => name !== undefined);
    if (path === undefined) return [];
    const volume = path.replace(/^.*\/kubernetes\.io~/, '');
    const message = `Process ${pid} (${command}) of ${pod} watches a file of the volume ${volume}, which the target has under another name`;
    return [{ reason: 'VolumeFileOpen' as const, message }];
  });
};
