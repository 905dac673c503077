import type { Command } from 'commander';
import type { CancelOptions } from '../commands/cancel.ts';
import { withDryRun, withOutput } from './flags.ts';
import { type AddCommand, examples } from './usage.ts';

export const addCancel: AddCommand = (program, { connected }) => {
  const command = program
    .command('cancel')
    .argument('<migration...>', 'the moves to take back')
    .summary('take moves back')
    .description(
      'Takes moves back as long as they have not committed: the pod runs on where it is. A move that has committed cannot be taken back, and is refused.',
    );
  withOutput(withDryRun(command), 'json', 'yaml', 'name')
    .addHelpText('after', examples('kubectl transship cancel redis-7d4b9-3f2a91c04b6e'))
    .action((names: string[], options: CancelOptions, self: Command) =>
      connected(self, async (session) => (await import('../commands/cancel.ts')).cancel(names, options, session)),
    );
};
