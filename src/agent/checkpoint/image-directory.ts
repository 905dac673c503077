import { mkdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { imagesDirectory } from '../host/paths.ts';

/** A place for one image: on the tmpfs of images, named by chance, for root only, and beside it CRIU's logs. */
export interface ImageDirectory {
  readonly path: string;
  readonly logs: string;
  remove(): Promise<void>;
}

/** A CRIU that is being ended may write one more file while its folder is taken away. */
const patiently = { recursive: true, force: true, maxRetries: 10, retryDelay: 100 } as const;

export const makeImageDirectory = async (name: string): Promise<ImageDirectory> => {
  const path = join(imagesDirectory, name);
  const logs = `${path}.work`;
  await mkdir(path, { mode: 0o700 });
  await mkdir(logs, { mode: 0o700 });
  return {
    path,
    logs,
    async remove() {
      for (const folder of [path, logs]) await rm(folder, patiently);
    },
  };
};

export const freeImageBytes = async (): Promise<number> => {
  const room = await statfs(imagesDirectory);
  return room.bavail * room.bsize;
};
