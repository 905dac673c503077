import { closeSync, constants, openSync, readSync } from 'node:fs';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * A FIFO that one script alone holds open for as long as it lives: the kernel
 * closes it with the script, however that ends, so nobody has to look whether it
 * still runs.
 */
export interface Lifeline {
  close(): void;
}

export interface Listener {
  /** What the script writes, line by line; nothing is lost of one that ends right after it. */
  readonly onLine: (line: string) => void;
  /** The script has ended. Not called once the lifeline has been closed. */
  readonly onEnd: () => void;
}

/** A FIFO whose writer had gone before it was opened reports nothing at all to epoll(7); reading it tells at once. */
const hasWriter = (fd: number): boolean => {
  try {
    return readSync(fd, Buffer.alloc(1)) > 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return true;
    throw error;
  }
};

/** Undefined when the script has ended already. It has nothing to write before it is answered, so nothing is read away here. */
const open = (path: string): number | undefined => {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    if (hasWriter(fd)) return fd;
    closeSync(fd);
    return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

/** Takes up the lifeline of the script that made it. */
export const holdLifeline = (path: string, { onLine, onEnd }: Listener): Lifeline => {
  let isClosed = false;
  const end = (): void => {
    if (!isClosed) onEnd();
  };
  const fd = open(path);
  if (fd === undefined) {
    setImmediate(end);
    return { close: () => void (isClosed = true) };
  }
  const socket = new Socket({ fd, readable: true, writable: false });
  socket.on('error', end);
  createInterface({ input: socket }).on('line', onLine).on('close', end);
  return {
    close() {
      isClosed = true;
      socket.destroy();
    },
  };
};
