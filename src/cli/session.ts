import type { Clock } from '../clock/clock.ts';
import type { KubeApi } from '../kube/api.ts';
import type { Random } from '../kube/backoff.ts';
import type { Tracer } from '../trace/tracer.ts';
import type { Terminal } from './terminal.ts';

/** What a command works with once it is connected. */
export interface Session {
  readonly api: KubeApi;
  /** Of -n, or else of the kubeconfig's context. */
  readonly namespace: string;
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly random: Random;
  /** A command line has no log: what it does to a move is noted down in the Migration. */
  readonly tracer: Tracer;
  /** Aborts on Ctrl-C, with an `Interrupted`. */
  readonly signal: AbortSignal;
}

export interface ConnectionOptions {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly namespace?: string | undefined;
}

export type Connect = (options: ConnectionOptions) => Promise<Session>;
