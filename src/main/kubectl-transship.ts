#!/usr/bin/env node
import { systemClock } from '../clock/system-clock.ts';
import { runCommandLine } from '../cli/program.ts';
import type { Connect } from '../cli/session.ts';
import type { Terminal } from '../cli/terminal.ts';
import { createKubeApi } from '../kube/client-node.ts';

const terminal: Terminal = {
  out: (line) => {
    process.stdout.write(`${line}\n`);
  },
  err: (line) => {
    process.stderr.write(`${line}\n`);
  },
};

const interrupted = new AbortController();
process.once('SIGINT', () => {
  interrupted.abort(new Error('interrupted; what was asked for goes on'));
});

const connect: Connect = async ({ kubeconfig, context, namespace }) => {
  const api = await createKubeApi({ kubeconfigPath: kubeconfig, context });
  return { api, namespace: namespace ?? api.namespace, terminal, clock: systemClock, signal: interrupted.signal };
};

const code = await runCommandLine(process.argv.slice(2), connect, terminal);
// Not `exitCode`: a connection that is kept open for reuse would keep the process.
process.exit(code);
