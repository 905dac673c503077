/**
 * Clients that each count on a key of their own in a Redis, over one TCP connection.
 *
 *   node redis-counters.ts HOST PORT CLIENTS PAUSE
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { askUntilEnd, type Client } from './asking/ask.ts';

/** Key → the last number that its client was told. */
export type ToldByRedis = Readonly<Record<string, number>>;

const [host = '', port = '', count = '', pause = ''] = process.argv.slice(2);
const told: Record<string, number> = {};

const counter = (_: unknown, index: number): Client => {
  const key = `counter:${String(index)}`;
  const socket = connect({ host, port: Number(port), noDelay: true });
  const lines = createInterface({ input: socket });
  socket.on('error', (error) => lines.emit('error', error)).on('close', () => lines.emit('error', new Error('closed')));
  // Between two questions nobody waits for it.
  lines.on('error', () => undefined);
  return {
    async ask() {
      if (socket.destroyed) throw new Error('closed');
      socket.write(`INCR ${key}\r\n`);
      const [line] = (await once(lines, 'line')) as [string];
      if (!line.startsWith(':')) return 'failed';
      const number = Number(line.slice(1));
      const isNext = number === (told[key] ?? 0) + 1;
      told[key] = number;
      return isNext ? 'right' : 'wrong';
    },
  };
};

await askUntilEnd(Array.from({ length: Number(count) }, counter), Number(pause), (): ToldByRedis => told);
