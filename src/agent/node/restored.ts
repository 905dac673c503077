import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RuntimeName } from '../../api/migration.ts';
import { restoredDirectory } from '../host/paths.ts';
import { readRuncState } from '../runtime/runc-state.ts';

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/**
 * Forgets which containers were restored of those that have ended.
 * `transship-runc delete` does so itself, but a dockerd that is killed while it
 * starts one removes it without asking the runtime, whose note of it stays as well.
 * A container runs before it is noted down as restored, so none that is just coming
 * is meant.
 */
export const forgetRestored = async (engine: RuntimeName): Promise<void> => {
  const noted = await readdir(restoredDirectory).catch(() => []); // nothing was ever restored here
  for (const containerID of noted) {
    const isAlive = await readRuncState(engine, containerID).then(
      ({ pid }) => isRunning(pid),
      () => false,
    );
    if (!isAlive) await rm(join(restoredDirectory, containerID), { force: true });
  }
};
