import { type Command, Option } from 'commander';
import type { PodOptions } from '../commands/pod.ts';
import { withDryRun, withOutput } from './flags.ts';
import { type AddCommand, examples } from './usage.ts';

export const addPod: AddCommand = (program, { connected }) => {
  const command = program
    .command('pod')
    .argument('<pod>', 'the pod to move')
    .summary('move a pod')
    .description(
      'Moves a running pod to another node. A pod that cannot be moved, or not to that node, is refused with every reason, and nothing is changed. Asking twice asks for the same move.',
    )
    .option('--to <node>', 'the node to move it to (default: the scheduler chooses)')
    .addOption(
      new Option('--wait', 'tell each step, and end when the move has: with 0 only if it succeeded').conflicts(
        'dryRun',
      ),
    );
  withOutput(withDryRun(command), 'json', 'yaml', 'name')
    .addHelpText(
      'after',
      examples(
        'kubectl transship pod redis-7d4b9',
        'kubectl transship pod redis-7d4b9 --to node-2 --wait',
        'kubectl transship pod redis-7d4b9 --dry-run=client -o yaml',
      ),
    )
    .action((pod: string, options: PodOptions, self: Command) =>
      connected(self, async (session) => (await import('../commands/pod.ts')).pod(pod, options, session)),
    );
};
