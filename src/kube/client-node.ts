import http from 'node:http';
import https from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { connectionOver, type ConnectOptions, keptOpen, type KubeConnection } from './connection.ts';
import { kubeConfigOf } from './kube-config.ts';
import type { Authorize } from './transport.ts';

/*
 * @kubernetes/client-node is used for what it is good at, finding and applying
 * credentials of every kind, here and in pod-exec.ts. Its requests are not
 * used: they have neither a timeout nor a signal, its typed models drop fields
 * that they do not know, and its informers stop at the first failed list
 * (read and reproduced with 2.0.1).
 */

/** Service account tokens live for an hour and are renewed well before; client-go too re-reads them once a minute. */
const credentialsKeptMs = 30_000;

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

const agentOf = (server: URL, options: https.RequestOptions, usesProxy: boolean): http.Agent => {
  if (usesProxy && options.agent instanceof http.Agent) return options.agent;
  if (server.protocol === 'http:') return new http.Agent(keptOpen);
  const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = options;
  const identity = Object.fromEntries(
    Object.entries({ ca, cert, key, pfx, passphrase, rejectUnauthorized, servername }).filter(
      ([, value]) => value !== undefined,
    ),
  );
  return new https.Agent({ ...keptOpen, ...identity });
};

/** Connects with the credentials of a kubeconfig or of the pod's service account. Nothing is sent yet. */
export const createKubeApi = async (options: ConnectOptions = {}): Promise<KubeConnection> => {
  const config = kubeConfigOf(options);
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Error('no cluster is configured: give --kubeconfig, or run in a pod with a service account');
  const server = new URL(cluster.server);
  const applied = await optionsOf(config);
  return connectionOver({
    server,
    agent: agentOf(server, applied, cluster.proxyUrl !== undefined),
    authorize: authorizer(config),
    namespace: config.getContextObject(config.getCurrentContext())?.namespace,
    timeoutMs: options.timeoutMs,
    onMalformed: options.onMalformed,
    onWarning: options.onWarning,
  });
};
