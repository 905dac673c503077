import { join } from 'node:path';
import { mkdir, rm } from 'node:fs/promises';

import type { Artefact } from '../cache/artefact.ts';
import { writeDockerArchive, writeLayer, type ImageProgram } from './docker-archive.ts';

export interface LabImage extends Artefact {
  readonly tag: string;
}

export interface ImageRecipe {
  readonly name: string;
  readonly tag: string;
  readonly program: ImageProgram;
  readonly texts?: readonly string[];
  readonly files?: readonly string[];
  /** Fills the image's only layer. */
  readonly fill: (tree: string, log: string) => Promise<void>;
}

/** The name of the archive inside an image's cache folder. */
export const archiveName = 'image.tar';

export function labImage(recipe: ImageRecipe): LabImage {
  return {
    name: `image-${recipe.name}`,
    describe: `making the image ${recipe.tag}`,
    tag: recipe.tag,
    texts: [recipe.tag, JSON.stringify(recipe.program), ...(recipe.texts ?? [])],
    files: recipe.files ?? [],
    build: async (folder, log) => {
      const tree = join(folder, 'tree');
      const layer = join(folder, 'layer.tar');
      await mkdir(tree);
      await recipe.fill(tree, log);
      await writeLayer(tree, layer);
      await writeDockerArchive({
        tag: recipe.tag,
        layers: [layer],
        program: recipe.program,
        out: join(folder, archiveName),
      });
      await rm(tree, { recursive: true });
      await rm(layer);
    },
  };
}
