import type { Command } from 'commander';
import type { CheckOptions } from '../commands/check.ts';
import { withOutput, withScope } from './flags.ts';
import { type AddCommand, examples, section } from './usage.ts';

export const addCheck: AddCommand = (program, { connected }) => {
  const command = program
    .command('check')
    .argument('[pod]', 'the pod to look at; without it, all that the flags select')
    .summary('say whether pods can be moved, and where to')
    .description(
      'Says whether pods can be moved and every reason why not, to which nodes they can go and why to no others, and for how long they would stand still. Changes nothing.',
    );
  withScope(command, 'pods')
    .option('--node <node>', 'only pods that run on this node, of all namespaces unless -n names one')
    .option('--policy <policy>', 'only pods for which this MigrationPolicy holds');
  withOutput(command, 'wide', 'json', 'yaml', 'name')
    .addHelpText(
      'after',
      section('It ends with', [
        '0  every pod asked about can be moved',
        '1  it could not be answered: there is no such pod, or the flags select none',
        '2  the pod cannot be moved; of several, one that opted in cannot',
      ]),
    )
    .addHelpText(
      'after',
      examples(
        'kubectl transship check redis-7d4b9 -n shop',
        'kubectl transship check --node node-3',
        'kubectl transship check -A -l app=redis -o wide',
        'kubectl transship check -l app=redis -o name   # the pods that can be moved',
      ),
    )
    .action((pod: string | undefined, _options: object, self: Command) =>
      connected(self, async (session) => {
        const { check } = await import('../commands/check.ts');
        return check(pod, self.optsWithGlobals<CheckOptions>(), session);
      }),
    );
};
