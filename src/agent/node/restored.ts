import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RuntimeName } from '../../api/migration.ts';
import { restoredDirectory, waitingDirectory } from '../host/paths.ts';
import { readRuncState } from '../runtime/runc-state.ts';

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const isAlive = (engine: RuntimeName, containerID: string): Promise<boolean> =>
  readRuncState(engine, containerID).then(
    ({ pid }) => isRunning(pid),
    () => false,
  );

/** More than any restore takes. */
const restoreLimitMs = 120_000;

/** runc does not know a container yet for which a process stands in, or whose restore is under way. */
const isComing = async (mark: string, now: number): Promise<boolean> => {
  try {
    const standIn = await readFile(mark, 'utf8');
    if (standIn !== '') return isRunning(Number(standIn));
    return now - (await stat(mark)).mtimeMs < restoreLimitMs;
  } catch {
    return false; // it was released meanwhile
  }
};

/**
 * Forgets which containers were restored, or wait to be, of those that have ended.
 * `transship-runc delete` does so itself, but a dockerd that is killed while it
 * starts one removes it without asking the runtime, whose note of it stays as well.
 * A container runs before it is noted down as restored, so none that is just coming
 * is meant there.
 */
export const forgetRestored = async (engine: RuntimeName, now: number): Promise<void> => {
  for (const folder of [restoredDirectory, waitingDirectory]) {
    const noted = await readdir(folder).catch(() => []); // nothing has ever come here
    for (const containerID of noted) {
      const mark = join(folder, containerID);
      const isWanted =
        (await isAlive(engine, containerID)) || (folder === waitingDirectory && (await isComing(mark, now)));
      if (!isWanted) await rm(mark, { force: true });
    }
  }
};
