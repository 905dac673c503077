import { Exec, type KubeConfig } from '@kubernetes/client-node';
import { z } from 'zod';
import { type ConnectOptions } from './connection.ts';
import { kubeConfigOf } from './kube-config.ts';

/*
 * A program in a container of a pod, run through the API server as `kubectl exec`
 * does it, over a WebSocket. Kubernetes has no way to end such a program: when the
 * connection is closed, the kubelet lets it run on.
 */

export interface PodCommand {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
  /** More of what it writes is thrown away. */
  readonly mostBytes: number;
}

export interface CommandResult {
  /** Why it has failed; undefined when it ended with code 0. */
  readonly failure?: string | undefined;
  /** The beginning of what it wrote to its standard output and error, in the order in which it came. */
  readonly output: Uint8Array;
  readonly isCut: boolean;
}

/** Rejects when the command could not be run, or the signal aborts. */
export type PodExec = (command: PodCommand, signal: AbortSignal) => Promise<CommandResult>;

/** The part of a WebSocket that is needed here. */
export interface Socket {
  close(): void;
  onclose: ((event: { readonly code: number }) => void) | null;
}

/** Opens a WebSocket at a path of the API server. Each message is given with the number of its channel; `false` closes it. */
export type OpenSocket = (path: string, onMessage: (channel: number, data: Uint8Array) => boolean) => Promise<Socket>;

/** Channels of v4.channel.k8s.io and v5: 0 is what the program reads. */
const channels = { stdout: 1, stderr: 2, status: 3 } as const;

const status = z.object({
  status: z.string(),
  message: z.string().optional(),
  reason: z.string().optional(),
  details: z
    .object({ causes: z.array(z.object({ reason: z.string().optional(), message: z.string().optional() })).optional() })
    .optional(),
});

const failureIn = (data: Uint8Array): string | undefined => {
  const read = status.safeParse(parsed(data));
  if (!read.success) return 'the API server did not say how it ended';
  if (read.data.status === 'Success') return undefined;
  const code = read.data.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
  return code === undefined ? (read.data.message ?? 'it could not be run') : `it ended with code ${code}`;
};

const parsed = (data: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(data));
  } catch {
    return undefined;
  }
};

const pathOf = ({ namespace, pod, container, command }: PodCommand): string => {
  const query = new URLSearchParams({ stdout: 'true', stderr: 'true', container });
  for (const argument of command) query.append('command', argument);
  const [place, name] = [encodeURIComponent(namespace), encodeURIComponent(pod)];
  return `/api/v1/namespaces/${place}/pods/${name}/exec?${query.toString()}`;
};

/** Keeps the beginning of what comes. */
class Beginning {
  readonly #most: number;
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(chunk: Uint8Array): void {
    const room = this.#most - Math.min(this.#length, this.#most);
    if (room > 0) this.#chunks.push(chunk.slice(0, room));
    this.#length += chunk.length;
  }

  read(): Pick<CommandResult, 'output' | 'isCut'> {
    return { output: Buffer.concat(this.#chunks), isCut: this.#length > this.#most };
  }
}

const whyClosed = (error: unknown): Error => {
  if (error instanceof Error) return error;
  const { message } = z.object({ message: z.string() }).catch({ message: 'no connection' }).parse(error);
  return new Error(`the API server did not let it be run: ${message}`);
};

export const podExecOver =
  (open: OpenSocket): PodExec =>
  async (command, signal) => {
    signal.throwIfAborted();
    const ended = Promise.withResolvers<CommandResult>();
    const said = new Beginning(command.mostBytes);
    const onAbort = (): void => {
      ended.reject(signal.reason as Error);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const opening = open(pathOf(command), (channel, data) => {
      if (channel === channels.stdout || channel === channels.stderr) said.add(data);
      if (channel !== channels.status) return true;
      ended.resolve({ failure: failureIn(data), ...said.read() });
      return false;
    });
    opening.then(
      (socket) => {
        socket.onclose = ({ code }) => {
          ended.reject(new Error(`the connection to it ended before it did (WebSocket code ${code})`));
        };
      },
      (error: unknown) => {
        ended.reject(whyClosed(error));
      },
    );
    try {
      return await ended.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
      // Also one that opens only now.
      opening.then((socket) => socket.close()).catch(() => undefined);
    }
  };

/**
 * `Exec` itself would throw out of a socket's listener, and so end this process, for a channel that it does not know, and
 * would end our own standard output at a message of v5; so only its connection is used (read in client-node 2.0.1).
 */
const openWith = (config: KubeConfig): OpenSocket => {
  const { handler } = new Exec(config);
  return async (path, onMessage) =>
    (await handler.connect(path, null, (channel, data) => onMessage(channel, data))) as Socket;
};

/** With the credentials of a kubeconfig or of the pod's service account. Nothing is sent yet. */
export const createPodExec = (options: ConnectOptions = {}): PodExec => podExecOver(openWith(kubeConfigOf(options)));
