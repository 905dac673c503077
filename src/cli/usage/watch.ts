import type { Command } from 'commander';
import type { WatchOptions } from '../commands/watch.ts';
import { withScope } from './flags.ts';
import { type AddCommand, examples } from './usage.ts';

export const addWatch: AddCommand = (program, { connected }) => {
  const command = program
    .command('watch')
    .argument('[migration...]', 'the moves to watch; without a name, all')
    .summary('watch moves')
    .description(
      'Shows moves as they go on: on a terminal a table that is drawn anew, otherwise a line for each change. Ends with Ctrl-C.',
    );
  withScope(command, 'moves')
    .option('--until-finished', 'end when no move is under way any more: with 0 only if all that were seen succeeded')
    .addHelpText('after', examples('kubectl transship watch -A', 'kubectl transship watch --until-finished'))
    .action((names: string[], options: WatchOptions, self: Command) =>
      connected(self, async (session) => (await import('../commands/watch.ts')).watch(names, options, session)),
    );
};
