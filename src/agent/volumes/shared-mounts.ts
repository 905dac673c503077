import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { onHost } from '../host/paths.ts';

/*
 * Volumes that other nodes mount as well. They are not copied: the target has them mounted, and what the source wrote
 * has to have left this node before the target looks at it.
 */

/** Where a container sees a volume, or a part of it, that other nodes mount as well. */
export interface SharedMount {
  /** As the kubelet calls it: the name of its PersistentVolume. */
  readonly volume: string;
  readonly destination: string;
  /** On the host. */
  readonly source: string;
}

/** The folders of volumes that each node fills for itself; of all others a pod that may move has only shared ones. */
const ownPlugins: ReadonlySet<string> = new Set(
  ['configmap', 'downward-api', 'empty-dir', 'projected', 'secret'].map((name) => `kubernetes.io~${name}`),
);

const configJson = z.looseObject({
  mounts: z.array(z.looseObject({ destination: z.string(), source: z.string().optional() })),
});

/** `PLUGIN/NAME`, with what the plugin puts below it (pkg/kubelet/kubelet_getters.go, getPodVolumeDir). */
const whole = /\/pods\/[^/]+\/volumes\/([^/]+)\/([^/]+)/;

/** What the kubelet binds for a `subPath`; the name does not tell the plugin (pkg/volume/util/subpath). */
const part = /\/pods\/[^/]+\/volume-subpaths\/([^/]+)\//;

const volumeOf = (source: string, shared: ReadonlySet<string>): string | undefined => {
  const [, plugin, name] = whole.exec(source) ?? [];
  if (plugin !== undefined) return ownPlugins.has(plugin) ? undefined : name;
  const inPart = part.exec(source)?.[1];
  return inPart !== undefined && shared.has(inPart) ? inPart : undefined;
};

/** @param shared names of the pod's shared volumes, for those of which only a part is mounted */
export const sharedMountsIn = (config: string, shared: ReadonlySet<string>): readonly SharedMount[] =>
  configJson.parse(JSON.parse(config)).mounts.flatMap(({ destination, source = '' }) => {
    const volume = volumeOf(source, shared);
    return volume === undefined ? [] : [{ volume, destination, source }];
  });

/** The kubelet's folder of the pod whose container this is. */
export const podFolderIn = (config: string): string | undefined =>
  configJson
    .parse(JSON.parse(config))
    .mounts.map(({ source = '' }) => /^(.*\/pods\/[^/]+)\//.exec(source)?.[1])
    .find((folder) => folder !== undefined);

/** Names only: to look into such a volume could wait for its server. */
const namesIn = async (folder: string): Promise<readonly string[]> =>
  readdir(onHost(folder)).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []; // a pod without volumes has no such folder
    throw error;
  });

const sharedVolumesOf = async (podFolder: string): Promise<ReadonlySet<string>> => {
  const volumes = join(podFolder, 'volumes');
  const plugins = (await namesIn(volumes)).filter((plugin) => !ownPlugins.has(plugin));
  return new Set((await Promise.all(plugins.map((plugin) => namesIn(join(volumes, plugin))))).flat());
};

/** Those of a container, by its bundle. */
export const sharedMountsOf = async (bundle: string): Promise<readonly SharedMount[]> => {
  const config = await readFile(onHost(join(bundle, 'config.json')), 'utf8');
  const podFolder = podFolderIn(config);
  return sharedMountsIn(config, podFolder === undefined ? new Set() : await sharedVolumesOf(podFolder));
};
