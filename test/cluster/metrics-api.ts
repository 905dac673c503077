import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { network } from '../../lab/cluster.ts';
import { issueAuthority, issueLeaf } from '../../src/certs/issue.ts';
import { webhookProfile } from '../../src/certs/profile.ts';
import { apply, kubectl } from './kubectl.ts';
import type { PodView } from './redis.ts';

/*
 * The API `metrics.k8s.io`, which a metrics-server serves on other clusters: a
 * HorizontalPodAutoscaler gets the usage of its pods from there. The API server
 * leads to it as to any aggregated API, by an APIService and a Service.
 */

const group = 'metrics.k8s.io/v1beta1';
const apiService = 'v1beta1.metrics.k8s.io';
const service = 'metrics';
/** What a sample is the average of. Metrics-servers look every 15 s by default. */
const window = '15s';

export interface MetricsApi extends AsyncDisposable {
  /** The usage of each pod from now on. */
  millicores: number;
  /** When the usage of pods was asked for. */
  readonly asked: readonly number[];
}

const discovery = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: group,
  resources: [{ name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] }],
};

const metricsOf = ({ metadata: { name, namespace, labels } }: PodView, millicores: number) => ({
  metadata: { name, namespace, labels },
  timestamp: new Date().toISOString(),
  window,
  containers: [{ name: 'redis', usage: { cpu: `${String(millicores)}m`, memory: '10Mi' } }],
});

interface Question {
  readonly path: string;
  /** Labels that the pods have to have; of selectors only equality is understood. */
  readonly labels: readonly (readonly [string, string])[];
}

const questionOf = ({ url = '/' }: IncomingMessage): Question => {
  const { pathname, searchParams } = new URL(url, 'https://metrics');
  const selector = searchParams.get('labelSelector') ?? '';
  const labels = selector.split(',').filter(Boolean);
  return { path: pathname, labels: labels.map((each) => each.split('=') as [string, string]) };
};

const answer = (response: ServerResponse, code: number, body: object): void => {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

const publish = (namespace: string, port: number, ca: string): Promise<void> => {
  const metadata = { name: service, namespace };
  const labels = { 'kubernetes.io/service-name': service };
  return apply(
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ port: 443, targetPort: port }] } },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...metadata, labels },
      addressType: 'IPv4',
      endpoints: [{ addresses: [network.hostAddress], conditions: { ready: true } }],
      ports: [{ name: '', port, protocol: 'TCP' }],
    },
    {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: apiService },
      spec: {
        ...{ group: 'metrics.k8s.io', version: 'v1beta1', groupPriorityMinimum: 100, versionPriority: 100 },
        service: { name: service, namespace, port: 443 },
        caBundle: Buffer.from(ca).toString('base64'),
      },
    },
  );
};

const listening = async (server: Server): Promise<number> => {
  server.listen(0, network.hostAddress);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

const close = async (server: Server): Promise<void> => {
  // Without it the API server could not list what there is in a namespace, and no namespace would go.
  await kubectl('delete', 'apiservice', apiService, '--ignore-not-found');
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
};

/**
 * Serves the usage of the pods of one namespace, the same for each that runs.
 *
 * @param pods those that there are, asked anew for each answer
 */
export const serveMetrics = async (
  namespace: string,
  millicores: number,
  pods: () => readonly PodView[],
): Promise<MetricsApi> => {
  const authority = await issueAuthority(Date.now());
  const name = `${service}.${namespace}.svc`;
  const leaf = await issueLeaf({ ...webhookProfile, commonName: name, dnsNames: [name] }, authority, Date.now());
  const asked: number[] = [];
  const usage = { millicores };
  const server = createServer({ cert: leaf.certPem, key: leaf.keyPem }, (request, response) => {
    const { path, labels } = questionOf(request);
    if (path === `/apis/${group}`) {
      answer(response, 200, discovery);
    } else if (path === `/apis/${group}/namespaces/${namespace}/pods`) {
      asked.push(Date.now());
      const items = pods()
        .filter(({ status }) => status.phase === 'Running')
        .filter(({ metadata }) => labels.every(([label, value]) => metadata.labels?.[label] === value))
        .map((pod) => metricsOf(pod, usage.millicores));
      answer(response, 200, { kind: 'PodMetricsList', apiVersion: group, metadata: {}, items });
    } else {
      answer(response, 404, { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 });
    }
  });
  const port = await listening(server);
  try {
    await publish(namespace, port, authority.certPem);
    await kubectl('wait', '--for=condition=Available', `apiservice/${apiService}`, '--timeout=60s');
  } catch (error) {
    await close(server);
    throw error;
  }
  return Object.assign(usage, { asked, [Symbol.asyncDispose]: () => close(server) });
};
