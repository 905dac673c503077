import { existsSync } from 'node:fs';
import { mkdir, readlink, rm, statfs, symlink } from 'node:fs/promises';
import { join } from 'node:path';

import { cacheFolder } from '../cache/folder.ts';
import { stateFolder, storesLink } from '../cluster.ts';

const overlayMagic = 0x794c7630;

/**
 * Makes the place for the nodes' container layers: on disk beside the cache, for they are gigabytes; in the lab's
 * tmpfs when the cache itself is on an overlay, which does not stack. The link tells lab-down what to remove.
 */
export async function makeStores(): Promise<void> {
  const { type } = await statfs(cacheFolder());
  const stores = type === overlayMagic ? join(stateFolder, 'stores-in-memory') : join(cacheFolder(), 'stores');
  await mkdir(stores, { recursive: true });
  await symlink(stores, storesLink);
}

export const storeOf = async (name: string): Promise<string> => join(await readlink(storesLink), name);

/** Those of the running lab, and those beside the cache that a lab without a state folder left. */
async function stores(): Promise<readonly string[]> {
  const running = await readlink(storesLink).catch(() => undefined);
  return [...(running === undefined ? [] : [running]), join(cacheFolder(), 'stores')];
}

/** To be called while the link is there; what it returns is to be gone afterwards. */
export async function removeStores(): Promise<readonly string[]> {
  const found = await stores();
  for (const folder of found) await rm(folder, { recursive: true, force: true });
  return found.filter((folder) => existsSync(folder));
}
