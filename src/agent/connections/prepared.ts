import { CommandError, outcomeOf, start } from '../host/command.ts';

/** A process that was started before it is needed, and waits at its input. */
export interface Prepared {
  /** Gives it what it waits for. Resolves with what it has said when it has ended well. Only once. */
  go(input: string): Promise<string>;
  close(): void;
}

/** In the freeze it goes before everything else on the node, as the dump does. */
export const prepare = (command: readonly string[]): Prepared => {
  const child = start(['nice', '-n', '-20', ...command]);
  const ended = outcomeOf(child);
  ended.catch(() => undefined); // whoever gives it something is told
  return {
    async go(input) {
      child.stdin?.end(input);
      const outcome = await ended;
      if (outcome.code !== 0) throw new CommandError(command, outcome);
      return outcome.stdout;
    },
    close() {
      if (child.exitCode === null) child.kill('SIGKILL');
    },
  };
};

/** One that is ready again as soon as it has been used. */
export const alwaysPrepared = (command: readonly string[]): Prepared => {
  let now: Prepared | undefined;
  let next = prepare(command);
  return {
    async go(input) {
      now = next;
      next = prepare(command);
      return now.go(input);
    },
    close() {
      now?.close();
      next.close();
    },
  };
};

/** Reads all of its input before it does anything (nftables, src/main.c). */
export const nftInput = ['nft', '-f', '-'] as const;
