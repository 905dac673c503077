import { join } from 'node:path';

import { artefactFolder, removeSuperseded, type Artefact } from '../cache/artefact.ts';
import { images } from '../images/catalog.ts';
import { exampleImages } from '../images/examples.ts';
import { archiveName } from '../images/image.ts';
import { keeper } from '../images/keeper.ts';
import { criDockerd } from './cri-dockerd.ts';
import type { NetworkKind } from '../network-kind.ts';
import { descheduler } from './descheduler.ts';
import { flannel } from './flannel.ts';
import { kubernetes } from './kubernetes.ts';
import { nodeTree } from './node-tree.ts';

const everything: readonly Artefact[] = [
  ...[kubernetes, criDockerd, descheduler, flannel, nodeTree],
  ...images,
  ...exampleImages,
  keeper,
];

export interface Artefacts {
  readonly kubernetes: string;
  readonly criDockerd: string;
  /** Of a lab with this network. */
  readonly flannel?: string;
  readonly nodeTree: string;
  /** Archives to load into every node. */
  readonly images: readonly string[];
}

/** Everything a lab is made of, built where the cache lacks it. */
export async function buildAll(network: NetworkKind): Promise<Artefacts> {
  // Compilers use every core, package installation mostly waits for the network and the disk.
  const compiled = (async () => [await artefactFolder(kubernetes), await artefactFolder(criDockerd)] as const)();
  const installed = (async () => {
    const tree = await artefactFolder(nodeTree);
    const archives: string[] = [];
    for (const image of images) {
      // One image holds a Kubernetes program and has to wait for it.
      if (image.name === 'image-kube-scheduler') await compiled;
      archives.push(join(await artefactFolder(image), archiveName));
    }
    return { tree, archives };
  })();
  const [[kubernetesFolder, criDockerdFolder], { tree, archives }] = await Promise.all([compiled, installed]);
  return {
    kubernetes: kubernetesFolder,
    criDockerd: criDockerdFolder,
    ...(network === 'flannel' && { flannel: await artefactFolder(flannel) }),
    nodeTree: join(tree, 'tree'),
    images: archives,
  };
}

export const removeOldArtefacts = (): Promise<void> => removeSuperseded(everything);
