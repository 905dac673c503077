import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { start } from '../host/command.ts';

/**
 * One `ip -batch -` that has been started ahead: each line is carried out as it
 * is read, without a process being forked in the freeze. `ip` is silent about
 * changes, so a question whose answer is known (`-br link show dev lo`) follows
 * each of them as a full stop.
 */
export interface IpBatch {
  /** Carries out commands of `ip` (without the leading word) in order; resolves when the kernel has them. */
  apply(...commands: readonly string[]): Promise<void>;
  close(): void;
}

const answerLimitMs = 5_000;

export const openIpBatch = (): IpBatch => {
  const child = start(['ip', '-br', '-force', '-batch', '-']) as ChildProcessWithoutNullStreams;
  const waiting: { resolve: () => void; reject: (error: Error) => void; errors: number }[] = [];
  let complaints: string[] = [];
  child.stdin.on('error', () => undefined); // told by 'close'
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (!line.startsWith('Command failed')) complaints.push(line);
  });
  createInterface({ input: child.stdout }).on('line', () => {
    // Both pipes are read in the same turn of the loop at the earliest: let a complaint arrive before its full stop.
    setImmediate(() => {
      const said = complaints.join(' | ');
      complaints = [];
      const turn = waiting.shift();
      if (said) turn?.reject(new Error(`ip refused a change: ${said}`));
      else turn?.resolve();
    });
  });
  child.on('error', (error) => {
    for (const turn of waiting.splice(0)) turn.reject(error);
  });
  child.on('close', () => {
    for (const turn of waiting.splice(0)) turn.reject(new Error('ip -batch ended before it had answered'));
  });
  return {
    async apply(...commands) {
      const { promise, resolve, reject } = Promise.withResolvers<undefined>();
      const turn = { resolve: () => { resolve(undefined); }, reject, errors: 0 };
      const limit = setTimeout(() => { reject(new Error(`ip did not answer within ${answerLimitMs} ms`)); }, answerLimitMs);
      waiting.push(turn);
      child.stdin.write(`${[...commands, 'link show dev lo'].join('\n')}\n`);
      try {
        await promise;
      } finally {
        clearTimeout(limit);
      }
    },
    close() {
      child.stdin.end();
      if (child.exitCode === null) child.kill('SIGKILL');
    },
  };
};
