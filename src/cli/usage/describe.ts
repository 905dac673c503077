import type { Command } from 'commander';
import { type AddCommand, examples } from './usage.ts';

export const addDescribe: AddCommand = (program, { connected }) => {
  program
    .command('describe')
    .argument('<migration...>', 'the moves to describe')
    .summary('show all that is known of a move')
    .description('Shows a move with its phases, attempts, times, conditions and events.')
    .addHelpText('after', examples('kubectl transship describe redis-7d4b9-3f2a91c04b6e'))
    .action((names: string[], _options: object, self: Command) =>
      connected(self, async (session) => (await import('../commands/describe.ts')).describe(names, session)),
    );
};
