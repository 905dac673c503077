import { Argument } from 'commander';
import { type AddCommand, examples } from './usage.ts';

const how = `
kubectl completes what stands behind "kubectl transship" by asking an executable
named kubectl_complete-transship, in whatever shell its own completion is set up:

  kubectl transship completion kubectl > /usr/local/bin/kubectl_complete-transship
  chmod +x /usr/local/bin/kubectl_complete-transship

The other scripts are for those who call kubectl-transship itself:

  source <(kubectl-transship completion bash)                        # in ~/.bashrc
  source <(kubectl-transship completion zsh)                         # in ~/.zshrc
  kubectl-transship completion fish > ~/.config/fish/completions/kubectl-transship.fish`;

export const addCompletion: AddCommand = (program, { offline }) => {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'what to print it for').choices(['bash', 'zsh', 'fish', 'kubectl']))
    .summary('print a script that completes command lines')
    .description('Prints a script that completes commands, flags, and the names of pods, nodes and moves.')
    .addHelpText('after', how)
    .addHelpText('after', examples('kubectl transship completion kubectl'))
    .action((shell: string) =>
      offline(async (terminal) => (await import('../commands/completion.ts')).completion(shell, terminal)),
    );
};
