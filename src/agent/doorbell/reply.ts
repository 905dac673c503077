import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/**
 * One line to the script that waits at the other end of `path`.
 * @returns false when nobody waits any more (ENXIO, ENOENT): the script has given up.
 */
export const reply = async (path: string, line: string): Promise<boolean> => {
  try {
    const handle = await open(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    try {
      await handle.write(`${line.replaceAll(/\s+/g, ' ').slice(0, 3500)}\n`);
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENXIO' || code === 'ENOENT' || code === 'EPIPE') return false;
    throw error;
  }
};
