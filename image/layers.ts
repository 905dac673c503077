import { chmod, copyFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { debianRecipe, makeDebianTree, type DebianTree } from '../lab/build/debian-tree.ts';
import { artefactFolder, type Artefact } from '../lab/cache/artefact.ts';
import { run } from '../lab/process.ts';

/** A file of an image, and where it comes from. */
export interface ImageFile {
  readonly from: string;
  readonly to: string;
  readonly mode: number;
}

/** What the agent calls beside Node.js: conntrack, ip, mount, nft, ps, tar and ss, and of what is essential nsenter and perl. */
const system: DebianTree = {
  variant: 'essential',
  packages: ['conntrack', 'iproute2', 'libatomic1', 'libstdc++6', 'mount', 'nftables', 'procps'],
};

/**
 * Times, order and format that do not depend on when and where it was built; owners and modes as they are. Not the
 * format that tar takes for itself: pax writes its own process id and the times of reading into headers.
 */
const packing = ['--format=gnu', '--numeric-owner', '--sort=name', '--mtime=@0'];

const packTree = (tree: string, out: string): Promise<string> => run('tar', [...packing, '-C', tree, '-cf', out, '.']);

const layerName = 'layer.tar';

const layer = (
  name: string,
  texts: readonly string[],
  fill: (tree: string, log: string) => Promise<void>,
): Artefact => ({
  name: `image-layer-${name}`,
  describe: `making the image's layer ${name}`,
  texts: [...packing, ...texts],
  build: async (folder, log) => {
    const tree = join(folder, 'tree');
    await mkdir(tree);
    await fill(tree, log);
    await packTree(tree, join(folder, layerName));
    await rm(tree, { recursive: true });
  },
});

const placed = async (tree: string, files: readonly ImageFile[]): Promise<void> => {
  for (const { from, to, mode } of files) {
    const place = join(tree, to);
    await mkdir(dirname(place), { recursive: true });
    await copyFile(from, place);
    await chmod(place, mode);
  }
};

const systemLayer = layer('system', [debianRecipe(system)], (tree, log) => makeDebianTree(system, tree, log));

/** The Node.js that runs this very file: the version that the repository pins. */
const nodeLayer = layer('node', [process.version, process.arch], (tree) =>
  placed(tree, [{ from: process.execPath, to: '/usr/local/bin/node', mode: 0o755 }]),
);

/** Layers that change with their versions only, built once and kept in the cache. */
export async function cachedLayers(): Promise<readonly string[]> {
  const folders = [await artefactFolder(systemLayer), await artefactFolder(nodeLayer)];
  return folders.map((folder) => join(folder, layerName));
}

/** A layer of files that change with every commit. */
export async function writeFilesLayer(files: readonly ImageFile[], out: string): Promise<void> {
  const work = await mkdtemp(join(dirname(out), '.layer-'));
  try {
    await placed(join(work, 'tree'), files);
    await chmod(join(work, 'tree'), 0o755);
    await packTree(join(work, 'tree'), join(work, layerName));
    await rename(join(work, layerName), out);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
