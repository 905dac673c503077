import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RuntimeName } from '../../api/migration.ts';
import { restoredDirectory } from '../host/paths.ts';
import { readRuncState } from '../runtime/runc-state.ts';

/**
 * Forgets which containers were restored of those that runc does not know any
 * more. `transship-runc delete` does so itself, but a dockerd that is killed while
 * it starts one removes it without asking the runtime. A container is known to
 * runc before it is noted down as restored, so none that is just coming is meant.
 */
export const forgetRestored = async (engine: RuntimeName): Promise<void> => {
  const noted = await readdir(restoredDirectory).catch(() => []); // nothing was ever restored here
  for (const containerID of noted) {
    const isKnown = await readRuncState(engine, containerID).then(
      () => true,
      () => false,
    );
    if (!isKnown) await rm(join(restoredDirectory, containerID), { force: true });
  }
};
