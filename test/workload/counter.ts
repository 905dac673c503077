/**
 * A client that holds one TCP connection to a Redis and increments one counter,
 * one request after the other, with a pause of milliseconds, checking every answer. Runs in a network
 * namespace of the lab, as a program of its own:
 *
 *   node counter.ts HOST PORT KEY [PAUSE]
 *
 * It writes one JSON line for each line that it reads: what has happened since
 * the last one. It ends at the end of its input, or with the connection.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Lap {
  readonly answers: number;
  readonly value: number;
  /** The longest time between two answers. */
  readonly longestGapMs: number;
  /** Answers that were not the last one plus one. */
  readonly jumps: number;
  readonly connected: boolean;
  readonly localPort: number;
}

const connectAttempts = 50;
const connectPauseMs = 200;
const answerPattern = /^:(\d+)\r\n$/;

const [host = '', port = '', key = '', pause = '1'] = process.argv.slice(2);
const pauseMs = Number(pause);
/**
 * A Service refuses connections until the node's kube-proxy has seen its endpoints, a moment after the pod is ready.
 * Only the first connection is waited for; it is never made again.
 */
const firstConnection = async (): Promise<Socket> => {
  for (let attempt = 1; ; attempt += 1) {
    const attempted = connect({ host, port: Number(port), noDelay: true });
    try {
      await once(attempted, 'connect');
      return attempted;
    } catch (error) {
      attempted.destroy();
      if (attempt === connectAttempts) throw error;
      await sleep(connectPauseMs);
    }
  }
};

const socket = await firstConnection();

let connected = true;
let value: number | undefined;
let last = performance.now();
let answers = 0;
let longest = 0;
let jumps = 0;
let pending = '';

const ask = (): void => {
  socket.write(`INCR ${key}\r\n`);
};

const read = (line: string): void => {
  const now = performance.now();
  const answer = Number(answerPattern.exec(line)?.[1] ?? Number.NaN);
  if (value !== undefined && answer !== value + 1) jumps += 1;
  value = answer;
  answers += 1;
  longest = Math.max(longest, now - last);
  last = now;
  setTimeout(ask, pauseMs);
};

socket.on('data', (chunk) => {
  pending += chunk.toString();
  if (!pending.endsWith('\r\n')) return;
  read(pending);
  pending = '';
});
const lost = (): void => {
  connected = false;
};
socket.on('close', lost);
socket.on('error', lost);
ask();

const tell = (): void => {
  // A gap that is not over yet counts as well.
  const gap = Math.max(longest, performance.now() - last);
  const lap: Lap = {
    answers,
    value: value ?? 0,
    longestGapMs: Math.round(gap),
    jumps,
    connected,
    localPort: socket.localPort ?? 0,
  };
  process.stdout.write(`${JSON.stringify(lap)}\n`);
  answers = 0;
  longest = 0;
  jumps = 0;
};

const questions = createInterface({ input: process.stdin });
questions.on('line', tell);
await once(questions, 'close');
socket.destroy();
