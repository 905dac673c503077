import http from 'node:http';
import https from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import type { KubeApi } from './api.ts';
import { HttpApi, type OnMalformed } from './http-api.ts';
import { type Authorize, Transport } from './transport.ts';

/*
 * The one file that imports @kubernetes/client-node. It is used for what it is
 * good at, finding and applying credentials of every kind. Its requests are not
 * used: they have neither a timeout nor a signal, its typed models drop fields
 * that they do not know, and its informers stop at the first failed list
 * (read and reproduced with 2.0.1).
 */

export interface ConnectOptions {
  /** Without it: $KUBECONFIG, ~/.kube/config, then the service account of the pod, as kubectl does. */
  readonly kubeconfigPath?: string | undefined;
  readonly context?: string | undefined;
  readonly timeoutMs?: number | undefined;
  readonly onMalformed?: OnMalformed | undefined;
}

export interface KubeConnection extends KubeApi {
  /** The namespace of the kubeconfig's context, for a command line that names none. */
  readonly namespace: string;
  close(): void;
}

const defaultTimeoutMs = 15_000;

/** Service account tokens live for an hour and are renewed well before; client-go too re-reads them once a minute. */
const credentialsKeptMs = 30_000;

const load = ({ kubeconfigPath, context }: ConnectOptions): KubeConfig => {
  const config = new KubeConfig();
  if (kubeconfigPath) config.loadFromFile(kubeconfigPath);
  else config.loadFromDefault();
  if (context) config.setCurrentContext(context);
  return config;
};

const optionsOf = async (config: KubeConfig): Promise<https.RequestOptions> => {
  const options: https.RequestOptions = { headers: {} };
  await config.applyToHTTPSOptions(options);
  return options;
};

const headersOf = (options: https.RequestOptions): Record<string, string> => {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {}))
    if (typeof value === 'string') headers[name] = value;
  if (typeof options.auth === 'string')
    headers['Authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  return headers;
};

const authorizer = (config: KubeConfig): Authorize => {
  let kept: { readonly headers: Record<string, string>; readonly until: number } | undefined;
  return async () => {
    const now = performance.now();
    if (!kept || kept.until < now)
      kept = { headers: headersOf(await optionsOf(config)), until: now + credentialsKeptMs };
    return kept.headers;
  };
};

/** Connections are kept open and the one used last is used first, so the heartbeat of an agent keeps one warm for the commit. */
const agentOf = (server: URL, options: https.RequestOptions, usesProxy: boolean): http.Agent => {
  if (usesProxy && options.agent instanceof http.Agent) return options.agent;
  const kept = { keepAlive: true, keepAliveMsecs: 15_000, scheduling: 'lifo', maxFreeSockets: 16 } as const;
  if (server.protocol === 'http:') return new http.Agent(kept);
  const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = options;
  const identity = Object.fromEntries(
    Object.entries({ ca, cert, key, pfx, passphrase, rejectUnauthorized, servername }).filter(
      ([, value]) => value !== undefined,
    ),
  );
  return new https.Agent({ ...kept, ...identity });
};

/** Connects with the credentials of a kubeconfig or of the pod's service account. Nothing is sent yet. */
export const createKubeApi = async (options: ConnectOptions = {}): Promise<KubeConnection> => {
  const config = load(options);
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Error('no cluster is configured: give --kubeconfig, or run in a pod with a service account');
  const server = new URL(cluster.server);
  const applied = await optionsOf(config);
  const transport = new Transport({
    server,
    agent: agentOf(server, applied, cluster.proxyUrl !== undefined),
    authorize: authorizer(config),
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
  });
  const namespace = config.getContextObject(config.getCurrentContext())?.namespace ?? 'default';
  const api = new HttpApi(transport, options.onMalformed ?? (() => undefined));
  return Object.assign(api, {
    namespace,
    close: () => {
      transport.close();
    },
  });
};
