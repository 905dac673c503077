import { mkdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { imagesDirectory } from '../host/paths.ts';

/** A place for one image: on the tmpfs of images, named by chance, for root only, and beside it CRIU's logs. */
export interface ImageDirectory {
  readonly path: string;
  readonly logs: string;
  remove(): Promise<void>;
}

export const makeImageDirectory = async (name: string): Promise<ImageDirectory> => {
  const path = join(imagesDirectory, name);
  const logs = `${path}.work`;
  await mkdir(path, { mode: 0o700 });
  await mkdir(logs, { mode: 0o700 });
  return {
    path,
    logs,
    async remove() {
      await rm(path, { recursive: true, force: true });
      await rm(logs, { recursive: true, force: true });
    },
  };
};

export const freeImageBytes = async (): Promise<number> => {
  const room = await statfs(imagesDirectory);
  return room.bavail * room.bsize;
};
