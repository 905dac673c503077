import type { Command } from 'commander';
import type { GetOptions } from '../commands/get.ts';
import { withOutput, withScope } from './flags.ts';
import { type AddCommand, examples } from './usage.ts';

export const addGet: AddCommand = (program, { connected }) => {
  const command = program
    .command('get')
    .argument('[migration...]', 'the moves to show; without a name, all')
    .summary('list moves')
    .description('Lists moves, those under way and those that have ended within the last hour.');
  withOutput(withScope(command, 'moves'), 'wide', 'json', 'yaml', 'name')
    .addHelpText(
      'after',
      examples('kubectl transship get -A', 'kubectl transship get -o wide', 'kubectl get migrations'),
    )
    .action((names: string[], options: GetOptions, self: Command) =>
      connected(self, async (session) => (await import('../commands/get.ts')).get(names, options, session)),
    );
};
