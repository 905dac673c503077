import { type Command, Option } from 'commander';

/** Flags that several commands have, with the same words in each. */

export interface OutputOptions<Format extends string> {
  readonly output?: Format | undefined;
}

export interface DryRunOptions {
  readonly dryRun?: 'client' | 'server' | undefined;
}

export interface ScopeOptions {
  readonly allNamespaces?: boolean | undefined;
  readonly selector?: string | undefined;
}

/** On the program, so that they may stand before the command as well as behind it. */
export const withConnection = (program: Command): Command =>
  program
    .option('-n, --namespace <namespace>', "the namespace to work in (default: that of the kubeconfig's context)")
    .option('--context <context>', 'the context of the kubeconfig to use')
    .option('--kubeconfig <file>', 'the kubeconfig to use (default: $KUBECONFIG, then ~/.kube/config)');

export const withOutput = (command: Command, ...formats: readonly string[]): Command =>
  command.addOption(new Option('-o, --output <format>', 'how to print it').choices(formats));

export const withDryRun = (command: Command): Command =>
  command.addOption(
    new Option(
      '--dry-run <where>',
      'change nothing; client says what would be asked for, server lets the API server check it too',
    ).choices(['client', 'server']),
  );

export const withScope = (command: Command, what: string): Command =>
  command
    .option('-A, --all-namespaces', `${what} of all namespaces`)
    .option('-l, --selector <labels>', `only ${what} with these labels, as kubectl get -l takes them`);
