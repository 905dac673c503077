import type { KubeApi } from './api.ts';
import { HttpApi, type OnMalformed } from './http-api.ts';
import { Transport, type TransportOptions } from './transport.ts';

export interface ConnectOptions {
  /** Without it: $KUBECONFIG, ~/.kube/config, then the service account of the pod, as kubectl does. */
  readonly kubeconfigPath?: string | undefined;
  readonly context?: string | undefined;
  readonly timeoutMs?: number | undefined;
  readonly onMalformed?: OnMalformed | undefined;
  readonly onWarning?: TransportOptions['onWarning'];
}

export interface KubeConnection extends KubeApi {
  /** The namespace of the kubeconfig's context, for a command line that names none. */
  readonly namespace: string;
  close(): void;
}

export interface ConnectionParts extends Omit<TransportOptions, 'timeoutMs'> {
  readonly namespace?: string | undefined;
  readonly timeoutMs?: number | undefined;
  readonly onMalformed?: OnMalformed | undefined;
}

const defaultTimeoutMs = 15_000;

/** Connections are kept open and the one used last is used first, so the heartbeat of an agent keeps one warm for the commit. */
export const keptOpen = { keepAlive: true, keepAliveMsecs: 15_000, scheduling: 'lifo', maxFreeSockets: 16 } as const;

/** Nothing is sent yet. */
export const connectionOver = (parts: ConnectionParts): KubeConnection => {
  const { namespace = 'default', timeoutMs = defaultTimeoutMs, onMalformed = () => undefined } = parts;
  const transport = new Transport({ ...parts, timeoutMs });
  return Object.assign(new HttpApi(transport, onMalformed), {
    namespace,
    close: () => {
      transport.close();
    },
  });
};
