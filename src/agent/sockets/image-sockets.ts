import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Fields, messagesIn, numberIn, recordsOf } from './image-records.ts';

/** A unix socket in the image of a container (criu: images/sk-unix.proto, sk-opts.proto). */
export interface DumpedSocket {
  readonly ino: number;
  /** Of the other end; 0 where there is none. */
  readonly peer: number;
  /** As socket(2) takes it. */
  readonly type: number;
  /** Belongs to somebody else: CRIU has written down only that it is there. */
  readonly isExternal: boolean;
  /** As F_GETFL tells them. */
  readonly flags: number;
  /** Whom SIGIO goes to, by F_SETOWN; 0 where that is nobody. */
  readonly owner: number;
  /** 1 cannot be read from any more, 2 not written to, 3 neither. */
  readonly shutdown: number;
  readonly options: SocketOptions;
  /** What it has not been read yet, each a packet that was written at once. */
  readonly queue: readonly Packet[];
}

/** As getsockopt tells them; undefined where CRIU has not asked. */
export interface SocketOptions {
  readonly sendBuffer: number;
  readonly receiveBuffer: number;
  /** Seconds and microseconds. */
  readonly sendTimeout: readonly [number, number];
  readonly receiveTimeout: readonly [number, number];
  /** Others that matter to a unix socket, by their number in asm-generic/socket.h. */
  readonly numbers: ReadonlyMap<number, number>;
  readonly hasFilter: boolean;
}

export interface Packet {
  readonly bytes: Buffer;
  readonly hasDescriptors: boolean;
}

const externalFlag = 1; // criu/sk-unix.c, USK_EXTERN

/** Field of sk_opts_entry, and the option's number: priority, low-water mark, mark, credentials, label, locked buffers. */
const numbered = [
  [8, 12],
  [9, 18],
  [10, 36],
  [11, 16],
  [12, 34],
  [25, 72],
] as const;

const optionsOf = (fields: Fields): SocketOptions => ({
  sendBuffer: numberIn(fields, 1),
  receiveBuffer: numberIn(fields, 2),
  sendTimeout: [numberIn(fields, 3), numberIn(fields, 4)],
  receiveTimeout: [numberIn(fields, 5), numberIn(fields, 6)],
  numbers: new Map(
    numbered.filter(([field]) => fields.has(field)).map(([field, name]) => [name, numberIn(fields, field)]),
  ),
  hasFilter: fields.has(16),
});

const none: Fields = new Map();

/** @param files the image `files.img`, @param queues `sk-queues.img`, which is there only when something waits. */
export const socketsInImage = (files: Buffer, queues: Buffer | undefined): readonly DumpedSocket[] => {
  const packets = queues ? recordsOf(queues, (fields) => numberIn(fields, 2)) : [];
  const queueOf = (id: number): readonly Packet[] =>
    packets
      .filter(({ fields }) => numberIn(fields, 1) === id)
      .map(({ fields, payload }) => ({ bytes: payload, hasDescriptors: fields.has(4) }));
  return recordsOf(files)
    .flatMap(({ fields }) => messagesIn(fields, 16))
    .map((socket) => ({
      ino: numberIn(socket, 2),
      type: numberIn(socket, 3),
      flags: numberIn(socket, 5),
      isExternal: (numberIn(socket, 6) & externalFlag) !== 0,
      peer: numberIn(socket, 8),
      owner: numberIn(messagesIn(socket, 9)[0] ?? none, 5),
      options: optionsOf(messagesIn(socket, 10)[0] ?? none),
      shutdown: numberIn(socket, 12),
      queue: queueOf(numberIn(socket, 1)),
    }));
};

const unlessMissing = (error: unknown): undefined => {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  throw error;
};

/** @param directory of an image that has arrived whole */
export const readImageSockets = async (directory: string): Promise<readonly DumpedSocket[]> => {
  const [files, queues] = await Promise.all([
    readFile(join(directory, 'files.img')),
    readFile(join(directory, 'sk-queues.img')).catch(unlessMissing),
  ]);
  return socketsInImage(files, queues);
};
