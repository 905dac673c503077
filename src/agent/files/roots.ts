import { access, readFile } from 'node:fs/promises';
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

/** What is mounted in a container, and where. */
export interface Mount {
  readonly destination: string;
  readonly source?: string | undefined;
}

const emptyDir = /\/volumes\/kubernetes\.io~empty-dir\/([^/]+)/;

/** What the kubelet binds for a `subPath`: the part of a volume under the volume's name (pkg/volume/util/subpath). */
const subPath = /^(.*\/pods\/[^/]+)\/volume-subpaths\/([^/]+)\//;

/** The whole volume of which a part is mounted, if it is an emptyDir. */
export const partOf = ({ source = '' }: Mount): Root | undefined => {
  const [, pod = '', volume = ''] = subPath.exec(source) ?? [];
  if (volume === '') return undefined;
  return { name: `emptydir/${volume}`, path: `${pod}/volumes/kubernetes.io~empty-dir/${volume}` };
};

const mountedRoot = ({ destination, source = '' }: Mount): Root | undefined => {
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
  /** Volumes of which parts are mounted. Those are emptyDirs whose folders exist; of others the names do not tell. */
  readonly inParts: readonly Root[];
}

const byName = (roots: readonly Root[]): ReadonlyMap<string, Root> => new Map(roots.map((root) => [root.name, root]));

/** The trees that a bundle's config.json names. A path of the root file system that is not absolute begins at the bundle. */
export const treesIn = (bundle: string, text: string): Trees => {
  const config = configJson.parse(JSON.parse(text));
  const volumes = byName(config.mounts.flatMap((m) => mountedRoot(m) ?? []));
  const inParts = byName(config.mounts.flatMap((m) => partOf(m) ?? []));
  return {
    rootfs: join(config.root.path.startsWith('/') ? '' : bundle, config.root.path),
    volumes: [...volumes.values()],
    inParts: [...inParts.values()].filter(({ name }) => !volumes.has(name)),
  };
};

export const exists = ({ path }: Root): Promise<boolean> =>
  access(onHost(path)).then(
    () => true,
    () => false,
  );

/** Of a container, by its bundle on the host. */
export const mountsOf = async (bundle: string): Promise<readonly Mount[]> =>
  configJson.parse(JSON.parse(await readFile(onHost(join(bundle, 'config.json')), 'utf8'))).mounts;

const readTrees = async (bundle: string): Promise<Pick<Trees, 'rootfs' | 'volumes'>> => {
  const { rootfs, volumes, inParts } = treesIn(bundle, await readFile(onHost(join(bundle, 'config.json')), 'utf8'));
  const found = await Promise.all(inParts.map(exists));
  return { rootfs, volumes: [...volumes, ...inParts.filter((_, index) => found[index])] };
};

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
