import { Command, CommanderError } from 'commander';
import { cancel } from './cancel.ts';
import { check } from './check.ts';
import { explain } from './explain.ts';
import { list, type ListOptions } from './list.ts';
import { migrate, type MigrateOptions } from './migrate.ts';
import type { Connect, ConnectionOptions, Session } from './session.ts';
import type { Terminal } from './terminal.ts';

type Finished = (code: number) => void;

const withConnection = (command: Command): Command =>
  command
    .option('-n, --namespace <name>', "the namespace to work in (default: that of the kubeconfig's context)")
    .option('--kubeconfig <file>', 'the kubeconfig to use (default: $KUBECONFIG, then ~/.kube/config)')
    .option('--context <name>', 'the context of the kubeconfig to use');

const examples = (...lines: readonly string[]): string =>
  ['', 'Examples:', ...lines.map((line) => `  ${line}`), ''].join('\n');

const buildProgram = (connect: Connect, terminal: Terminal, finished: Finished): Command => {
  const connected = async (options: ConnectionOptions, work: (session: Session) => Promise<number>): Promise<void> => {
    finished(await work(await connect(options)));
  };

  const program = new Command('kubectl transship')
    .description('Moves running pods to other nodes: memory, connections, files, address and all.')
    .exitOverride()
    .showHelpAfterError('(add --help for how to use it)')
    .configureOutput({
      writeOut: (text) => {
        terminal.out(text.trimEnd());
      },
      writeErr: (text) => {
        terminal.err(text.trimEnd());
      },
    })
    .addHelpText(
      'after',
      examples(
        'kubectl transship check redis-7d4b9',
        'kubectl transship migrate redis-7d4b9 --wait',
        'kubectl drain node-3   # moves every pod that opted in',
      ),
    );

  withConnection(program.command('check'))
    .argument('<pod>')
    .description('say whether a pod can be moved, and every reason why not')
    .addHelpText('after', examples('kubectl transship check redis-7d4b9 -n shop'))
    .action((pod: string, options: ConnectionOptions) => connected(options, (session) => check(pod, session)));

  withConnection(program.command('migrate'))
    .argument('<pod>')
    .description('move a pod')
    .option('--to <node>', 'the node to move it to (default: the scheduler chooses)')
    .option('--wait', 'tell each step, and end when the move has: with 0 only if it succeeded')
    .addHelpText(
      'after',
      examples('kubectl transship migrate redis-7d4b9', 'kubectl transship migrate redis-7d4b9 --to node-2 --wait'),
    )
    .action((pod: string, options: ConnectionOptions & MigrateOptions) =>
      connected(options, (session) => migrate(pod, options, session)),
    );

  withConnection(program.command('list'))
    .description('list moves')
    .option('-A, --all-namespaces', 'of all namespaces')
    .addHelpText('after', examples('kubectl transship list -A', 'kubectl get migrations -o wide'))
    .action((options: ConnectionOptions & ListOptions) => connected(options, (session) => list(options, session)));

  withConnection(program.command('cancel'))
    .argument('<migration>')
    .description('take a move back, as long as it has not committed')
    .addHelpText('after', examples('kubectl transship cancel redis-7d4b9-3f2a91c04b6e'))
    .action((name: string, options: ConnectionOptions) => connected(options, (session) => cancel(name, session)));

  return program;
};

/** Runs one command line (without the program's own name) and resolves to its exit code. */
export const runCommandLine = async (
  words: readonly string[],
  connect: Connect,
  terminal: Terminal,
): Promise<number> => {
  let code = 0;
  const program = buildProgram(connect, terminal, (given) => {
    code = given;
  });
  try {
    await program.parseAsync(words, { from: 'user' });
    return code;
  } catch (error) {
    // Commander has said what is wrong already; asking for help is no mistake.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    terminal.err(`error: ${explain(error)}`);
    return 1;
  }
};
