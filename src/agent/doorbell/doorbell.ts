import { constants, openSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { run } from '../host/command.ts';
import { doorbellPath, repliesDirectory } from '../host/paths.ts';

/**
 * The FIFO through which the scripts on the host speak to the agent. A shell
 * can write to a FIFO without any program being installed; a unix socket it
 * cannot. Lines shorter than PIPE_BUF are atomic (pipe(7)).
 *
 * @param onLine gets each line; must not throw.
 * @returns closes the doorbell and takes it away, so that a script finds nobody at once.
 */
export const openDoorbell = async (onLine: (line: string) => void): Promise<() => Promise<void>> => {
  await mkdir(repliesDirectory, { recursive: true, mode: 0o700 });
  await rm(doorbellPath, { force: true });
  await run(['mkfifo', '-m', '600', doorbellPath]);
  // Read and write: then the FIFO has always a reader and never an end of file.
  // The bare number, which the socket then owns: a FileHandle would close it when it is collected.
  const fd = openSync(doorbellPath, constants.O_RDWR | constants.O_NONBLOCK);
  const socket = new Socket({ fd, readable: true, writable: false });
  createInterface({ input: socket }).on('line', onLine);
  return async () => {
    socket.destroy();
    await rm(doorbellPath, { force: true });
  };
};
