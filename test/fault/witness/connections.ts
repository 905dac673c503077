import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { isSilent, Silence, Story, type Told } from './stream.ts';

/** A connection that a program of the workload has made. */
export interface Connection {
  /** Address and port of the pod. */
  readonly from: string;
  readonly told: Told;
  readonly isSilent: boolean;
  /** How it ended; undefined as long as it has not. */
  readonly end: string | undefined;
}

interface Kept extends Connection {
  end: string | undefined;
}

/** Undefined before the first of its bytes have come, which come all at once: a record is smaller than any segment. */
type Beginning = Kept | undefined;

/**
 * A socket that is closed in repair mode (tcp(7), TCP_REPAIR) tells its peer nothing: only that the same instance has
 * begun another one says that the connection has ended.
 * @param all of the lane, in the order in which they were made
 */
export const givenUp = ({ isSilent, told }: Connection, all: readonly Connection[]): string | undefined => {
  const alike = all.filter((each) => each.isSilent === isSilent && each.told.first?.secret === told.first?.secret);
  return alike.at(-1)?.told === told ? undefined : 'the program has begun another without a word';
};

export interface Connections {
  /** In the order in which they were made. */
  of(lane: number): readonly Connection[];
  /** Forgets those of a lane that have ended. */
  forgetEnded(lane: number): void;
  close(): Promise<void>;
}

/** Takes the TCP connections of the workload, and never ends one. */
export const takeConnections = async (host: string, port: number): Promise<Connections> => {
  let kept: Kept[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const from = `${socket.remoteAddress ?? ''}:${String(socket.remotePort)}`;
    let connection: Beginning;
    const begin = (chunk: Buffer): Kept => {
      const silent = isSilent(chunk);
      connection = { from, told: silent ? new Silence() : new Story(), isSilent: silent, end: undefined };
      kept.push(connection);
      return connection;
    };
    const end = (how: string): void => {
      if (connection) connection.end ??= how;
    };
    sockets.add(socket);
    socket
      .on('data', (chunk) => (connection ?? begin(chunk)).told.take(chunk))
      .on('end', () => end('the pod closed it'))
      .on('error', (error) => end(error.message))
      .on('close', () => {
        end('it was closed');
        sockets.delete(socket);
      });
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    of: (lane) => kept.filter(({ told }) => told.first?.lane === lane),
    forgetEnded(lane) {
      kept = kept.filter(({ end, told }) => end === undefined || told.first?.lane !== lane);
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
};
