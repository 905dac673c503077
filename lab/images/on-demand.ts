import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { artefactFolder } from '../cache/artefact.ts';
import { nodeFolder, nodes, type LabNode } from '../cluster.ts';
import { runInNode } from '../node-exec.ts';
import { step } from '../progress.ts';
import { archiveName, type LabImage } from './image.ts';
import { loadImage } from './load.ts';

/* Images that a lab starts without: built and loaded when somebody asks for them. */

/** A note of what was loaded; it goes with the node. The tag alone does not tell from what an image was built. */
const loadedMark = (node: LabNode, artefact: string): string =>
  join(nodeFolder(node.name), 'loaded', basename(artefact));

/** What a runtime prints of an image that it has. A kubelet that lacks space removes images that nobody uses. */
const finders = {
  containerd: (tag: string) => ['ctr', '-n', 'k8s.io', 'images', 'ls', '--quiet', `name==${tag}`],
  docker: (tag: string) => ['docker', 'image', 'ls', '--quiet', tag],
} as const;

const hasImage = async (node: LabNode, tag: string): Promise<boolean> =>
  (await runInNode(node.name, finders[node.runtime](tag))).trim() !== '';

const loadOnce = async (node: LabNode, { image, artefact }: Built): Promise<void> => {
  const mark = loadedMark(node, artefact);
  if (existsSync(mark) && (await hasImage(node, image.tag))) return;
  await loadImage(node, join(artefact, archiveName));
  await mkdir(dirname(mark), { recursive: true });
  await writeFile(mark, '');
};

interface Built {
  readonly image: LabImage;
  /** Its folder in the cache. */
  readonly artefact: string;
}

/** Builds images where the cache lacks them, and loads them into the nodes that do not have them. */
export const loadOnDemand = async (what: string, images: readonly LabImage[]): Promise<void> => {
  const built: Built[] = [];
  for (const image of images) built.push({ image, artefact: await artefactFolder(image) });
  await step(`loading ${what} into the nodes`, () =>
    Promise.all(
      nodes.map(async (node) => {
        for (const each of built) await loadOnce(node, each);
      }),
    ),
  );
};
