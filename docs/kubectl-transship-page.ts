import { exitCodeHelp } from '../src/cli/exit-code.ts';
import { runCommandLine } from '../src/cli/program.ts';

const commands = [
  ...(['check', 'pod', 'node', 'get', 'describe', 'watch'] as const),
  ...(['trace', 'cancel', 'version', 'completion'] as const),
] as const;

const unreachable = (): never => {
  throw new Error('a help text needs no cluster');
};

/** What the program itself says to `--help`. */
const helpOf = async (...words: readonly string[]): Promise<string> => {
  const lines: string[] = [];
  const terminal = { out: (line: string) => void lines.push(line), err: unreachable, screens: {} };
  await runCommandLine([...words, '--help'], unreachable, terminal);
  return lines.join('\n');
};

const fenced = (text: string): readonly string[] => ['```', text, '```', ''];

const introduction = `# kubectl transship

This page is generated from what the program says to \`--help\`.

## Install it

The plugin is one file of this tree, for Node.js 24 or newer. kubectl finds it by its name, and asks the second program
to complete command lines:

\`\`\`
ln -s "$PWD/src/main/kubectl-transship.ts" /usr/local/bin/kubectl-transship
kubectl transship completion kubectl > /usr/local/bin/kubectl_complete-transship
chmod +x /usr/local/bin/kubectl_complete-transship
\`\`\`

It reads the kubeconfig that kubectl reads. Data goes to standard output, everything that only a person reads to standard
error. On a terminal a move that is waited for has a bar and \`watch\` draws one table anew; elsewhere both print lines. It
keeps compiled code in \`~/.kube/cache/transship\`, which may be deleted at any time.

To ask for moves and to see them takes the rights to Migrations that the roles \`edit\` and \`view\` have. Whoever may not
read nodes, MigrationNodes, MigrationPolicies and namespaces is told what that leaves unknown; the controller judges each
move all the same. \`trace\` reads the logs of Transship, which name pods of all namespaces; the role
\`transship-trace-reader\` in the namespace \`transship-system\` gives the right to that, and is bound to nobody.
`;

const waiting = `## Wait with kubectl

\`\`\`
kubectl wait migration/NAME --for=condition=Succeeded   # the pod runs on its new node
kubectl wait migration/NAME --for=condition=Finished    # the move has ended, one way or the other
\`\`\`

\`Succeeded\` becomes \`False\` when a move has failed or was cancelled, for which \`kubectl wait\` does not end; \`Finished\`
becomes \`True\` in every case, as soon as nothing of the move is left to clean up.
`;

/** The page about the plugin. */
export const pluginPage = async (): Promise<string> => {
  const helps = await Promise.all(commands.map((command) => helpOf(command)));
  return [
    introduction,
    '## Exit codes',
    '',
    ...fenced(exitCodeHelp.join('\n')),
    waiting,
    '## Commands',
    '',
    ...commands.flatMap((command, index) => [`### ${command}`, '', ...fenced(helps[index] ?? '')]),
  ].join('\n');
};
