import { type Command, Option } from 'commander';
import type { NodeOptions } from '../commands/node.ts';
import { withDryRun, withOutput } from './flags.ts';
import { type AddCommand, examples } from './usage.ts';

export const addNode: AddCommand = (program, { connected }) => {
  const command = program
    .command('node')
    .argument('<node>', 'the node')
    .summary('move the pods of a node, or empty it for good')
    .description(
      [
        'Moves every pod that opted in and can be moved away from a node, and says of each other pod every reason why it stays.',
        'With --decommission the node is emptied for good: it takes no new pods, those that opted in move away, and all others are evicted.',
      ].join('\n'),
    )
    .addOption(
      new Option(
        '--decommission',
        'empty the node for good; the controller does it, also when this command has ended',
      ).conflicts(['recommission', 'cancel']),
    )
    .addOption(new Option('--recommission', 'let the node have pods again').conflicts(['cancel', 'wait']))
    .addOption(new Option('--cancel', 'take back every move away from the node that has not committed'))
    .addOption(new Option('--wait', 'tell each step, and end when the node or the moves are done').conflicts('dryRun'));
  withOutput(withDryRun(command), 'json', 'yaml', 'name')
    .addHelpText(
      'after',
      examples(
        'kubectl transship node node-3 --wait',
        'kubectl transship node node-3 --decommission --wait',
        'kubectl transship node node-3 --recommission',
        'kubectl transship node node-3 --cancel',
      ),
    )
    .action((node: string, options: NodeOptions, self: Command) =>
      connected(self, async (session) => (await import('../commands/node.ts')).node(node, options, session)),
    );
};
