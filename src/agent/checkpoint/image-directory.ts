import { mkdir, readdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { imagesDirectory } from '../host/paths.ts';

/** A place for one image: on the tmpfs of images, named by chance, for root only, and beside it CRIU's logs. */
export interface ImageDirectory {
  readonly path: string;
  readonly logs: string;
  make(): Promise<void>;
  remove(): Promise<void>;
}

/** A CRIU that is being ended may write one more file while its folder is taken away. */
const patiently = { recursive: true, force: true, maxRetries: 10, retryDelay: 100 } as const;

/** The place of this name, whether it has been made or not. */
export const imageDirectory = (name: string): ImageDirectory => {
  const path = join(imagesDirectory, name);
  const logs = `${path}.work`;
  return {
    path,
    logs,
    async make() {
      for (const folder of [path, logs]) await mkdir(folder, { mode: 0o700 });
    },
    async remove() {
      for (const folder of [path, logs]) await rm(folder, patiently);
    },
  };
};

export const makeImageDirectory = async (name: string): Promise<ImageDirectory> => {
  const directory = imageDirectory(name);
  await directory.make();
  return directory;
};

/** Wipes what an earlier agent has left, but for images that are still spoken of. */
export const wipeImages = async (kept: ReadonlySet<string>): Promise<void> => {
  const names = await readdir(imagesDirectory).catch(() => []); // the tmpfs is not there: the node is not prepared
  for (const name of names)
    if (!kept.has(name.replace(/\.work$/, ''))) await rm(join(imagesDirectory, name), patiently);
};

export const freeImageBytes = async (): Promise<number> => {
  const room = await statfs(imagesDirectory);
  return room.bavail * room.bsize;
};
