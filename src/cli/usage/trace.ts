import { type Command, Option } from 'commander';
import type { TraceOptions } from '../commands/trace.ts';
import { type AddCommand, examples, section } from './usage.ts';

const formats = ['table', 'json', 'shiviz', 'mermaid'];

const about = section('Formats', [
  'table    a line for each event, none before what it knows of',
  'json     for a program: actors, events with their vector clocks, what is missing',
  'shiviz   a log that ShiViz (https://bestchai.bitbucket.io/shiviz/) draws',
  'mermaid  a sequence diagram',
]);

export const addTrace: AddCommand = (program, { connected }) => {
  program
    .command('trace')
    .argument('<migration>', 'the move to trace')
    .summary('show what each part of Transship did in a move')
    .description(
      'Collects what webhook, controller, scheduler extender, agents and command line did in a move, from their logs and its record. agent-n1.2 is the second process of the agent of n1: it was restarted. What no log has any more is told of on standard error.',
    )
    .addOption(new Option('--format <format>', 'how to print it').choices(formats).default('table'))
    .addHelpText('after', about)
    .addHelpText(
      'after',
      examples(
        'kubectl transship trace redis-7d4b9-3f2a91c04b6e',
        'kubectl transship trace redis-7d4b9-3f2a91c04b6e --format shiviz > move.log',
      ),
    )
    .action((name: string, options: TraceOptions, self: Command) =>
      connected(self, async (session) => (await import('../commands/trace.ts')).trace(name, options, session)),
    );
};
