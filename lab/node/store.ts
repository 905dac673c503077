import { mkdir, readdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';

import { cacheFolder } from '../cache/folder.ts';
import { nodeFolder } from '../cluster.ts';

const overlayMagic = 0x794c7630;
const stores = (): string => join(cacheFolder(), 'stores');

/**
 * Where a node's container layers lie: on disk beside the cache, for they are gigabytes; in the lab's tmpfs when
 * the cache itself is on an overlay, which does not stack.
 */
export async function storeOf(name: string): Promise<string> {
  await mkdir(cacheFolder(), { recursive: true });
  const { type } = await statfs(cacheFolder());
  return type === overlayMagic ? join(nodeFolder(name), 'store') : join(stores(), name);
}

export async function removeStores(): Promise<void> {
  await rm(stores(), { recursive: true, force: true });
}

export async function remainingStores(): Promise<readonly string[]> {
  return (await readdir(stores()).catch(() => [])).map((name) => join(stores(), name));
}
