import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, type FileHandle, lchown, open, rename, utimes } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { basename, dirname } from 'node:path';
import type { SocketFile } from '../transfer/frame.ts';
import { bytesOf } from './file-name.ts';

/*
 * A socket's file is made by binding one, and stays when that is closed. An
 * address has room for 107 bytes (unix(7)), so its folder is named by its descriptor.
 */

const bindAt = async (path: string): Promise<AsyncDisposable> => {
  const server = createServer();
  server.listen(path);
  await once(server, 'listening');
  return {
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
};

const makeIn = async (folder: FileHandle, name: Buffer, { mode, uid, gid }: SocketFile): Promise<void> => {
  const within = `/proc/self/fd/${folder.fd}`;
  const bound = `${within}/.${randomUUID()}`;
  await using stack = new AsyncDisposableStack();
  stack.use(await bindAt(bound)); // what it unlinks at its end has another name by then
  await lchown(bound, uid, gid);
  await chmod(bound, mode);
  await rename(bound, Buffer.concat([Buffer.from(`${within}/`), name]));
};

/**
 * Puts the files of sockets to which nobody listens into a tree. Those of living ones are made by CRIU once more.
 * @param top the tree, in which no link is followed (enclosed.ts)
 */
export const makeSocketFile = async (top: string, socket: SocketFile): Promise<void> => {
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
  // Not joined: `.` is the tree itself, and `/proc/PID/cwd` alone is a link.
  const folder = await open(bytesOf(`${top}/${dirname(socket.path)}`), flags);
  try {
    const { atime, mtime } = await folder.stat();
    await makeIn(folder, bytesOf(basename(socket.path)), socket);
    await utimes(`/proc/self/fd/${folder.fd}`, atime, mtime);
  } finally {
    await folder.close();
  }
};
