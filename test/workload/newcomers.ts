/**
 * Clients that come one after the other, each with a connection of its own, ask a Redis once and leave. Runs in a network
 * namespace of the lab, as a program of its own:
 *
 *   node newcomers.ts HOST PORT AT-ONCE PAUSE
 *
 * It writes one JSON line for each line that it reads: what has happened since the last one. It ends at the end of its
 * input.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Arrivals {
  readonly answered: number;
  /** What has become of the others: the error, or how it ended without an answer. */
  readonly failed: readonly string[];
  readonly longestWaitMs: number;
}

/** A connection that the server does not know of gets no answer for ever; one whose first packets were lost does, later. */
const patienceMs = 5_000;

const [host = '', port = '', atOnce = '', pause = ''] = process.argv.slice(2);

let answered = 0;
let failed: string[] = [];
let longest = 0;

const come = async (): Promise<string> => {
  const begun = performance.now();
  const socket = connect({ host, port: Number(port), noDelay: true });
  const outcome = await new Promise<string>((resolve) => {
    socket.setTimeout(patienceMs, () => resolve(socket.connecting ? 'was not let in' : 'was let in and got no answer'));
    socket.on('connect', () => socket.write('PING\r\n'));
    socket.on('data', (chunk) => resolve(String(chunk) === '+PONG\r\n' ? 'answered' : `was told ${String(chunk)}`));
    socket.on('error', ({ message }) => resolve(message));
    socket.on('close', () => resolve('was shut out without an answer'));
  });
  socket.resetAndDestroy(); // no port is kept for a minute: there are not enough for so many clients (TIME_WAIT)
  longest = Math.max(longest, performance.now() - begun);
  return outcome;
};

const over = new AbortController();

const comeAndCome = async (): Promise<void> => {
  while (!over.signal.aborted) {
    const outcome = await come();
    if (outcome === 'answered') answered += 1;
    else failed.push(outcome);
    await sleep(Number(pause), undefined, { signal: over.signal }).catch(() => undefined); // it is over
  }
};

const tell = (): void => {
  const arrivals: Arrivals = { answered, failed, longestWaitMs: Math.round(longest) };
  process.stdout.write(`${JSON.stringify(arrivals)}\n`);
  answered = 0;
  failed = [];
  longest = 0;
};

const all = Array.from({ length: Number(atOnce) }, comeAndCome);
const questions = createInterface({ input: process.stdin }).on('line', tell);
await once(questions, 'close');
over.abort();
await Promise.all(all);
