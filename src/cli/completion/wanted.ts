import type { Argument, Command, Option } from 'commander';

/*
 * What may stand where a command line is being written, read from the very
 * definitions that it is parsed by.
 */

export interface Choice {
  readonly value: string;
  readonly about?: string | undefined;
}

/** Names that only the cluster knows, called after the placeholder in the help: `<pod>`. */
export const nameKinds = ['pod', 'node', 'migration', 'policy', 'namespace'] as const;
export type NameKind = (typeof nameKinds)[number];

export interface Wanted {
  readonly choices: readonly Choice[];
  readonly names?: NameKind | undefined;
}

const nothing: Wanted = { choices: [] };

const isNameKind = (text: string): text is NameKind => nameKinds.some((kind) => kind === text);

const wantedFor = (placeholder: string, values: readonly string[] | undefined): Wanted => {
  if (values) return { choices: values.map((value) => ({ value })) };
  return isNameKind(placeholder) ? { choices: [], names: placeholder } : nothing;
};

const placeholderOf = ({ flags }: Option): string => /[<[]([a-z]+)/.exec(flags)?.[1] ?? '';

const isFlag =
  (word: string) =>
  ({ short, long }: Option): boolean =>
    word === short || word === long;

const valueOf = (option: Option): Wanted => wantedFor(placeholderOf(option), option.argChoices);

const isTakingValue = (option: Option | undefined): option is Option =>
  option !== undefined && (option.required || option.optional);

const subcommandIn = (program: Command, word: string): Command | undefined =>
  program.commands.find((command) => command.name() === word);

const optionsOf = (program: Command, command: Command | undefined): readonly Option[] => [
  ...(command?.options ?? []),
  ...program.options,
];

const flagsOf = (options: readonly Option[]): Wanted => ({
  choices: options.map(({ long, short, description }) => ({ value: long ?? short ?? '', about: description })),
});

const commandsOf = (program: Command): Wanted => ({
  choices: program.commands.map((command) => ({ value: command.name(), about: command.summary() })),
});

interface Read {
  readonly command: Command | undefined;
  /** Words so far that are no flags: the command and its arguments. */
  readonly given: number;
  /** The flag that the next word belongs to. */
  readonly open: Option | undefined;
}

/** Reads the words before the one that is being written. */
const read = (program: Command, words: readonly string[]): Read => {
  let state: Read = { command: undefined, given: 0, open: undefined };
  for (const word of words) {
    if (state.open) state = { ...state, open: undefined };
    else if (word.startsWith('-')) {
      const option = optionsOf(program, state.command).find(isFlag(word));
      state = { ...state, open: isTakingValue(option) ? option : undefined };
    } else
      state = {
        ...state,
        given: state.given + 1,
        command: state.given > 0 ? state.command : subcommandIn(program, word),
      };
  }
  return state;
};

const argumentAt = ({ registeredArguments }: Command, index: number): Argument | undefined =>
  registeredArguments[index] ?? registeredArguments.findLast(({ variadic }) => variadic);

const argumentOf = (command: Command, index: number): Wanted => {
  const argument = argumentAt(command, index);
  return argument ? wantedFor(argument.name(), argument.argChoices) : nothing;
};

/** What the last of these words may become. Of `--flag=value` it is the value that is being written. */
export const wantedAt = (program: Command, words: readonly string[]): Wanted => {
  const last = words.at(-1) ?? '';
  const { command, given, open } = read(program, words.slice(0, -1));
  if (open) return valueOf(open);
  const options = optionsOf(program, command);
  if (last.startsWith('-')) {
    const [flag = '', ...value] = last.split('=');
    const option = options.find(isFlag(flag));
    return value.length > 0 ? (option ? valueOf(option) : nothing) : flagsOf(options);
  }
  if (given === 0) return commandsOf(program);
  return command ? argumentOf(command, given - 1) : nothing;
};

/** What has been written of the value itself. */
export const begunValue = (words: readonly string[]): string => {
  const last = words.at(-1) ?? '';
  return last.startsWith('-') && last.includes('=') ? last.slice(last.indexOf('=') + 1) : last;
};
