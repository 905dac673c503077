/**
 * Counts visits: over a unix socket for nginx, with the number in a Redis at localhost, and on a board in /dev/shm.
 *
 *   node application.mts SOCKET REDIS_PORT BOARD
 *
 *   POST /visit   200 {"visit", "instance"}
 */
import { randomUUID } from 'node:crypto';
import { chmodSync, openSync, rmSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const [socketPath = '', redisPort = '6379', boardPath = ''] = process.argv.slice(2);
const connectPauseMs = 100;

/** Anew with every start of the program. */
const instance = randomUUID();

/** The containers of a pod start one after the other, and nobody waits for the last of them. */
const connected = async (): Promise<ReturnType<typeof connect>> => {
  for (;;) {
    const socket = connect({ host: '127.0.0.1', port: Number(redisPort), noDelay: true });
    const { promise, resolve } = Promise.withResolvers<boolean>();
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    if (await promise) return socket;
    await sleep(connectPauseMs);
  }
};

const redis = await connected();
// A counter that is lost is not to be begun anew: whoever waits for a number gets none, and the pod is started again.
redis.on('close', () => process.exit(1));

/** Redis answers in the order in which it was asked. */
const waiting: ((visit: number) => void)[] = [];
createInterface({ input: redis }).on('line', (line) => waiting.shift()?.(Number(line.slice(1))));

const nextVisit = (): Promise<number> => {
  const { promise, resolve } = Promise.withResolvers<number>();
  waiting.push(resolve);
  redis.write('INCR visits\r\n');
  return promise;
};

/** Always as long, and written at once, so that nobody reads half of it. */
const board = openSync(boardPath, 'w', 0o644);
const writeOnBoard = (visit: number): void => {
  writeSync(board, `{"visit":${String(visit).padStart(12)},"instance":"${instance}"}\n`, 0);
};

rmSync(socketPath, { force: true });
createServer((request, response) => {
  if (request.method !== 'POST' || request.url !== '/visit') {
    response.writeHead(404).end();
    return;
  }
  void nextVisit().then((visit) => {
    writeOnBoard(visit);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ visit, instance }));
  });
}).listen(socketPath, () => {
  // nginx's workers run as another user.
  chmodSync(socketPath, 0o666);
  writeOnBoard(0);
});
