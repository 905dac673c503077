import { readFile } from 'node:fs/promises';
import type { Finding } from '../../api/reasons.ts';

/*
 * With `redirect_dir` a folder of the image that is renamed stays in the image,
 * and with `metacopy` so does the content of a file whose owner or mode is
 * changed: the writable layer alone is not all that the container has made
 * (Documentation/filesystems/overlayfs.rst).
 */

const features = ['redirect_dir', 'metacopy'] as const;
type Feature = (typeof features)[number];

/** The kernel shows an option of a mount only where it differs from the module's parameter. */
export const featuresOn = (
  mountinfo: string,
  rootfs: string,
  byDefault: Readonly<Record<Feature, boolean>>,
): readonly Feature[] => {
  const line = mountinfo.split('\n').find((l) => l.split(' ')[4] === rootfs && l.includes(' - overlay '));
  if (line === undefined) return [];
  return features.filter((feature) => {
    const value = new RegExp(`[, ]${feature}=(\\w+)`).exec(line)?.[1];
    return value === undefined ? byDefault[feature] : value === 'on';
  });
};

const parameter = async (feature: Feature): Promise<boolean> => {
  const value = await readFile(`/sys/module/overlay/parameters/${feature}`, 'utf8').catch(() => 'N'); // older than it
  return value.trim() === 'Y';
};

/** @param rootfss where the root file systems of a pod's containers are mounted */
export const layerFindings = async (pod: string, rootfss: readonly string[]): Promise<readonly Finding[]> => {
  const mountinfo = await readFile('/proc/1/mountinfo', 'utf8');
  const byDefault = { redirect_dir: await parameter('redirect_dir'), metacopy: await parameter('metacopy') };
  const on = new Set(rootfss.flatMap((rootfs) => featuresOn(mountinfo, rootfs, byDefault)));
  if (on.size === 0) return [];
  const message = `the root file system of ${pod} is an overlay with ${[...on].join(' and ')}, whose writable layer is not whole`;
  return [{ reason: 'LayerNotWhole', message }];
};
