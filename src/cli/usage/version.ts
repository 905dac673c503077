import type { Command } from 'commander';
import type { VersionOptions } from '../commands/version.ts';
import { withOutput } from './flags.ts';
import { type AddCommand, examples } from './usage.ts';

export const addVersion: AddCommand = (program, { connected, offline }) => {
  const command = program
    .command('version')
    .summary('print versions')
    .description('Prints the versions of this program, and of the controller and the agents of the cluster.')
    .option('--client', 'of this program only; asks no cluster');
  withOutput(command, 'json', 'yaml')
    .addHelpText('after', examples('kubectl transship version', 'kubectl transship version --client -o json'))
    .action(async (options: VersionOptions, self: Command) => {
      const { clientVersion, version } = await import('../commands/version.ts');
      await (options.client === true
        ? offline((terminal) => clientVersion(options, terminal))
        : connected(self, (session) => version(options, session)));
    });
};
