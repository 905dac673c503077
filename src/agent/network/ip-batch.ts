import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { start } from '../host/command.ts';

/**
 * One `ip -batch -` that has been started ahead: each line is carried out as it
 * is read, without a process being forked in the freeze.
 *
 * `ip` is silent about changes, and buffers what it prints; only what goes to
 * standard error comes at once. So a word that it cannot know follows each
 * turn, and its complaint about that word is the full stop: what stands before
 * it on standard error went wrong, and if nothing does, the kernel has it all.
 */
export interface IpBatch {
  /** Carries out commands of `ip` (without the leading word) in order. Rejects with what ip said about any of them. */
  apply(...commands: readonly string[]): Promise<void>;
  close(): void;
}

const fullStop = 'fullstop';
const answerLimitMs = 5_000;

/** `ip` names the number of a line that failed after it has said why. */
const isEcho = (line: string): boolean => line.startsWith('Command failed');

interface Turn {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export const openIpBatch = (): IpBatch => {
  const child = start(['ip', '-force', '-batch', '-']) as ChildProcessWithoutNullStreams;
  const turns: Turn[] = [];
  let complaints: string[] = [];
  let ended: Error | undefined;
  const end = (error: Error): void => {
    ended = error;
    for (const turn of turns.splice(0)) turn.reject(error);
  };
  child.stdin.on('error', () => undefined); // told by 'close'
  child.stdout.resume();
  child.on('error', end);
  child.on('close', () => end(new Error('ip -batch has ended')));
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (isEcho(line)) return;
    if (!line.includes(`"${fullStop}"`)) {
      complaints.push(line);
      return;
    }
    const said = complaints.join(' | ');
    complaints = [];
    const turn = turns.shift();
    if (said) turn?.reject(new Error(`ip refused a change: ${said}`));
    else turn?.resolve();
  });
  return {
    async apply(...commands) {
      if (ended) throw ended;
      const { promise, resolve, reject } = Promise.withResolvers<undefined>();
      const limit = setTimeout(() => reject(new Error(`ip did not answer within ${answerLimitMs} ms`)), answerLimitMs);
      turns.push({ resolve: () => resolve(undefined), reject });
      child.stdin.write(`${[...commands, fullStop].join('\n')}\n`);
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
