import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { onHost } from '../host/paths.ts';

/** A tree of files that belongs to a pod and goes along with it, by a name that both nodes understand. */
export interface Root {
  /** `rootfs/CONTAINER`, `shm`, or `emptydir/VOLUME`. */
  readonly name: string;
  /** Where the tree lies on the host. */
  readonly path: string;
  /** Where an overlay is mounted whose upper layer the tree is. */
  readonly mounted?: string;
}

const configJson = z.looseObject({
  root: z.looseObject({ path: z.string() }),
  mounts: z.array(z.looseObject({ destination: z.string(), source: z.string().optional() })),
});

const emptyDir = /\/volumes\/kubernetes\.io~empty-dir\/([^/]+)/;

const mountedRoot = ({
  destination,
  source = '',
}: {
  readonly destination: string;
  readonly source?: string | undefined;
}): Root | undefined => {
  const volume = emptyDir.exec(source);
  if (volume) return { name: `emptydir/${volume[1] ?? ''}`, path: source.slice(0, volume.index + volume[0].length) };
  // The sandbox's /dev/shm is a folder of the host under both runtimes.
  return destination === '/dev/shm' && source.startsWith('/') ? { name: 'shm', path: source } : undefined;
};

/** The writable layer of an overlay that is mounted at `rootfs`: what the container has changed. */
export const upperDirectory = (mountinfo: string, rootfs: string): string | undefined => {
  const line = mountinfo.split('\n').find((l) => l.split(' ')[4] === rootfs && l.includes(' - overlay '));
  return /[, ]upperdir=([^,\s]+)/.exec(line ?? '')?.[1];
};

/** What the tree of a container's root file system is called. */
export const rootfsName = (container: string): string => `rootfs/${container}`;

interface Trees {
  readonly rootfs: string;
  readonly volumes: readonly Root[];
}

/** The trees that a bundle's config.json names. A path of the root file system that is not absolute begins at the bundle. */
export const treesIn = (bundle: string, text: string): Trees => {
  const config = configJson.parse(JSON.parse(text));
  const volumes = new Map(config.mounts.flatMap((m) => mountedRoot(m) ?? []).map((r) => [r.name, r]));
  return {
    rootfs: join(config.root.path.startsWith('/') ? '' : bundle, config.root.path),
    volumes: [...volumes.values()],
  };
};

const readTrees = async (bundle: string): Promise<Trees> =>
  treesIn(bundle, await readFile(onHost(join(bundle, 'config.json')), 'utf8'));

/** What the source of a container sends: its writable layer, and its volumes in memory and on disk. */
export const sourceRoots = async (bundle: string, rootfs: string, container: string): Promise<readonly Root[]> => {
  const { volumes } = await readTrees(bundle);
  const upper = upperDirectory(await readFile('/proc/1/mountinfo', 'utf8'), rootfs);
  if (upper === undefined)
    throw new Error(
      `The root file system at ${rootfs} is not an overlay, so what the container wrote cannot be told from its image`,
    );
  return [{ name: rootfsName(container), path: upper, mounted: rootfs }, ...volumes];
};

/**
 * Where a target puts it: through the mounted root file system. Writing into the
 * upper directory of a mounted overlay is undefined (Documentation/filesystems/overlayfs.rst).
 */
export const targetRoots = async (bundle: string, container: string): Promise<readonly Root[]> => {
  const { rootfs, volumes } = await readTrees(bundle);
  return [{ name: rootfsName(container), path: rootfs }, ...volumes];
};

/** The trees of all containers of a pod, each once: volumes are shared between them. */
export const together = (ofContainers: readonly (readonly Root[])[]): readonly Root[] => [
  ...new Map(ofContainers.flat().map((root) => [root.name, root])).values(),
];
