import { Command, CommanderError } from 'commander';
import { exitCode, exitCodeHelp } from './exit-code.ts';
import { Interrupted } from './failure.ts';
import type { Connect, ConnectionOptions } from './session.ts';
import type { Terminal } from './terminal.ts';
import { addCancel } from './usage/cancel.ts';
import { addCheck } from './usage/check.ts';
import { addCompletion } from './usage/completion.ts';
import { addDescribe } from './usage/describe.ts';
import { withConnection } from './usage/flags.ts';
import { addGet } from './usage/get.ts';
import { addNode } from './usage/node.ts';
import { addPod } from './usage/pod.ts';
import { addTrace } from './usage/trace.ts';
import { examples, type Runner, section } from './usage/usage.ts';
import { addVersion } from './usage/version.ts';
import { addWatch } from './usage/watch.ts';

const commands = [
  ...[addCheck, addPod, addNode, addGet, addDescribe, addWatch],
  ...[addTrace, addCancel, addVersion, addCompletion],
];

const defaultWidth = 80;

const buildProgram = (runner: Runner, terminal: Terminal): Command => {
  const program = withConnection(new Command('kubectl transship'))
    .description('Moves running pods to other nodes: memory, connections, files, address and all.')
    .exitOverride()
    .showHelpAfterError('(add --help for how to use it)')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => {
        terminal.out(text.trimEnd());
      },
      writeErr: (text) => {
        terminal.err(text.trimEnd());
      },
      getOutHelpWidth: () => terminal.screens.out?.columns() ?? defaultWidth,
      getErrHelpWidth: () => terminal.screens.err?.columns() ?? defaultWidth,
    });
  for (const add of commands) add(program, runner);
  return program
    .addHelpText('after', section('Exit codes', exitCodeHelp))
    .addHelpText(
      'after',
      examples(
        'kubectl transship check redis-7d4b9',
        'kubectl transship pod redis-7d4b9 --wait',
        'kubectl drain node-3   # moves every pod that opted in',
      ),
    );
};

const tell = async (error: unknown, terminal: Terminal): Promise<number> => {
  if (error instanceof Interrupted) {
    terminal.err(`error: ${error.message}`);
    return error.code;
  }
  const { explain } = await import('./explain.ts');
  terminal.err(`error: ${explain(error)}`);
  return exitCode.error;
};

/** Runs one command line (without the program's own name) and resolves to its exit code. */
export const runCommandLine = async (
  words: readonly string[],
  connect: Connect,
  terminal: Terminal,
): Promise<number> => {
  let code: number = exitCode.done;
  const program = buildProgram(
    {
      connected: async (command, work) => {
        code = await work(await connect(command.optsWithGlobals<ConnectionOptions>()));
      },
      offline: async (work) => {
        code = await work(terminal);
      },
    },
    terminal,
  );
  // Not a command of its own: what follows it is half written, and no mistake.
  if (words[0] === '__complete') {
    const { complete } = await import('./commands/complete.ts');
    return complete(words.slice(1), { program, connect, terminal });
  }
  try {
    await program.parseAsync(words, { from: 'user' });
    return code;
  } catch (error) {
    // Commander has said what is wrong already; asking for help is no mistake.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.done : exitCode.error;
    return tell(error, terminal);
  }
};
