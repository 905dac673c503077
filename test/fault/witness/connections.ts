import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { Story } from './stream.ts';

/** A connection that a program of the workload has made. */
export interface Connection {
  /** Address and port of the pod. */
  readonly from: string;
  readonly story: Story;
  /** How it ended; undefined as long as it has not. */
  readonly end: string | undefined;
}

interface Kept {
  readonly from: string;
  readonly story: Story;
  end: string | undefined;
}

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
    const connection: Kept = {
      from: `${socket.remoteAddress ?? ''}:${String(socket.remotePort)}`,
      story: new Story(),
      end: undefined,
    };
    kept.push(connection);
    sockets.add(socket);
    socket
      .on('data', (chunk) => connection.story.take(chunk))
      .on('end', () => (connection.end ??= 'the pod closed it'))
      .on('error', (error) => (connection.end ??= error.message))
      .on('close', () => {
        connection.end ??= 'it was closed';
        sockets.delete(socket);
      });
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    of: (lane) => kept.filter(({ story }) => story.first?.lane === lane),
    forgetEnded(lane) {
      kept = kept.filter(({ end, story }) => end === undefined || story.first?.lane !== lane);
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
};
