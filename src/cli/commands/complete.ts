import type { Command } from 'commander';
import { begunValue, type Choice, wantedAt } from '../completion/wanted.ts';
import { exitCode } from '../exit-code.ts';
import type { Connect, ConnectionOptions } from '../session.ts';
import type { Terminal } from '../terminal.ts';

interface Surroundings {
  readonly program: Command;
  readonly connect: Connect;
  readonly terminal: Terminal;
}

/** Longer than this a person has typed the name. */
const patienceMs = 2_000;

/** What a shell is to do besides, in the numbers of cobra, by which kubectl takes it: 4 is "no names of files". */
const noFiles = ':4';

/** The flags that say which cluster and namespace, as far as they are written. */
const connectionIn = (words: readonly string[]): ConnectionOptions => {
  const valueOf = (...flags: readonly string[]): string | undefined => {
    for (const [index, word] of words.entries()) {
      if (flags.includes(word)) return words[index + 1];
      const [flag = '', ...value] = word.split('=');
      if (value.length > 0 && flags.includes(flag)) return value.join('=');
    }
    return undefined;
  };
  return {
    namespace: valueOf('-n', '--namespace'),
    context: valueOf('--context'),
    kubeconfig: valueOf('--kubeconfig'),
  };
};

/** bash cuts `--to=node` into three words at the sign. */
const withoutSigns = (words: readonly string[]): readonly string[] =>
  words.at(-1) === '=' ? [...words.slice(0, -1), ''] : words.filter((word) => word !== '=');

const choicesAt = async (words: readonly string[], { program, connect }: Surroundings): Promise<readonly Choice[]> => {
  const { choices, names } = wantedAt(program, words);
  if (names === undefined) return choices;
  const session = await connect(connectionIn(words.slice(0, -1)));
  const signal = AbortSignal.any([session.signal, AbortSignal.timeout(patienceMs)]);
  const { namesOf } = await import('../completion/names.ts');
  return (await namesOf(names, { ...session, signal })).map((value) => ({ value }));
};

/**
 * Prints what the last word may become, each with a tab and a few words about
 * it, as kubectl wants it of `kubectl_complete-transship`. What goes wrong is not
 * told: it would stand in the middle of the line that is being written.
 */
export const complete = async (given: readonly string[], surroundings: Surroundings): Promise<number> => {
  const words = withoutSigns(given);
  const begun = begunValue(words);
  const choices = await choicesAt(words, surroundings).catch(() => []);
  for (const { value, about } of choices) {
    if (value.startsWith(begun)) surroundings.terminal.out(about === undefined ? value : `${value}\t${about}`);
  }
  surroundings.terminal.out(noFiles);
  return exitCode.done;
};
