import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Heard, Report, Verdict } from './heard.ts';

/** One who asks one question after the other, all on one connection. */
export interface Client {
  /** Resolves with the answer; never when there is none and the connection stays. Rejects when it is broken. */
  ask(): Promise<Exclude<Verdict, 'broken'>>;
}

/** The last answers have so long to come; those that do not have failed. */
const patienceMs = 5_000;

/**
 * The whole of a program of clients. They ask, with a pause between an answer
 * and the next question, until the input ends. `begun` is written when each of
 * them has had its first answer, and the report, as JSON, at the end. A client
 * whose connection has broken asks nothing more.
 */
export const askUntilEnd = async (clients: readonly Client[], pauseMs: number, told: () => object): Promise<void> => {
  const heard: Heard[] = [];
  /** Since when each client waits. */
  const waiting = new Map<Client, number>();
  const end = new AbortController();

  const askOnce = async (client: Client): Promise<Verdict> => {
    const asked = performance.now();
    waiting.set(client, asked);
    const verdict = await client.ask().catch((error: unknown): Verdict => {
      process.stderr.write(`a connection broke: ${String(error)}\n`);
      return 'broken';
    });
    waiting.delete(client);
    heard.push({ at: Date.now(), waitedMs: Math.round(performance.now() - asked), verdict });
    return verdict;
  };

  const askOn = async (client: Client): Promise<void> => {
    while (!end.signal.aborted)
      if ((await askOnce(client)) === 'broken') return;
      else await sleep(pauseMs);
  };

  await Promise.all(clients.map(askOnce));
  process.stdout.write('begun\n');
  const all = Promise.all(clients.map(askOn));
  process.stdin.resume();
  await once(process.stdin, 'end');
  end.abort();
  await Promise.race([all, sleep(patienceMs)]);
  const now = performance.now();
  for (const asked of waiting.values())
    heard.push({ at: Date.now(), waitedMs: Math.round(now - asked), verdict: 'failed' });
  const report: Report<object> = { heard, told: told() };
  // What is written to a pipe may be lost when the program exits before it has been read.
  process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit());
};
