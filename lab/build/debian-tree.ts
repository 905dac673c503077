import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { run } from '../process.ts';

/** Debian's development release: the first with a CRIU that works on current kernels (4.2). */
const suite = 'sid';

// Nothing in a node or an image reads these, and they are a third of a small tree.
const unread = ['/usr/share/doc/*', '/usr/share/man/*', '/usr/share/locale/*', '/usr/share/info/*', '/var/cache/apt/*'];

export interface DebianTree {
  readonly variant: 'minbase' | 'essential';
  readonly packages: readonly string[];
}

/** Settings that change what comes out, for the cache's key. */
export const debianRecipe = (tree: DebianTree): string => JSON.stringify([suite, unread, tree]);

export async function makeDebianTree(tree: DebianTree, folder: string, log: string): Promise<void> {
  await run(
    'mmdebstrap',
    [
      `--variant=${tree.variant}`,
      // The release file of a mirror that lags is still good enough to build from.
      '--aptopt=Acquire::Check-Valid-Until "false"',
      '--aptopt=Acquire::Retries "3"',
      ...unread.map((path) => `--dpkgopt=path-exclude=${path}`),
      ...(tree.packages.length > 0 ? [`--include=${tree.packages.join(',')}`] : []),
      suite,
      folder,
    ],
    { log },
  );
  for (const leftover of ['var/lib/apt/lists', 'var/cache/apt', 'var/log/apt', 'etc/resolv.conf', 'etc/hostname'])
    await rm(join(folder, leftover), { recursive: true, force: true });
}
