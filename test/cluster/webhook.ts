import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { until } from '../../lab/wait.ts';
import { monotonicMs } from './inspection.ts';
import { getJson } from './kubectl.ts';
import type { PodView } from './redis.ts';

/*
 * Speaks to a controller as the API server does: HTTPS by the name of the
 * Service, trusted by the CA in the webhook's configuration, connections kept.
 */

const namespace = 'transship-system';
const serverName = `transship.${namespace}.svc`;
const httpsPort = 8443;

export interface WebhookClient {
  /** Posts the review of an eviction and returns the answer, and when it was sent and had come. */
  evict(pod: PodView): Promise<Answered>;
  close(): void;
}

export interface Answered {
  /** As the request called itself. */
  readonly id: string;
  readonly allowed: boolean;
  /** Of a refusal. */
  readonly code: number | undefined;
  /** By the clock of an inspection. */
  readonly sentMs: number;
  readonly gotMs: number;
}

interface Review {
  readonly response: { readonly uid: string; readonly allowed: boolean; readonly status?: { readonly code: number } };
}

const controllerPods = async (): Promise<readonly PodView[]> =>
  (
    await getJson<{ items: readonly PodView[] }>(
      'pods',
      '-n',
      namespace,
      '-l',
      'app.kubernetes.io/component=controller',
      '--field-selector=status.phase=Running',
    )
  ).items;

/** The one that reconciles, too. While a Deployment is rolled out there may be none for a moment. */
export const leadingController = (): Promise<PodView> =>
  until({ what: 'a controller to lead', timeoutMs: 60_000 }, async () => {
    const lease = ['lease', 'transship-controller', '-n', namespace];
    const { spec } = await getJson<{ spec: { holderIdentity?: string } }>(...lease);
    const pods = (await controllerPods()).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    return pods.find(({ metadata }) => spec.holderIdentity?.startsWith(`${metadata.name}_`));
  });

const trustedCA = async (): Promise<Buffer> => {
  const { webhooks } = await getJson<{ webhooks: readonly { clientConfig: { caBundle: string } }[] }>(
    'validatingwebhookconfiguration',
    'transship',
  );
  return Buffer.from(webhooks[0]!.clientConfig.caBundle, 'base64');
};

/** As the API server writes it for `kubectl drain`. */
const reviewOf = ({ metadata }: PodView): { readonly uid: string; readonly body: string } => {
  const uid = randomUUID();
  const kind = { group: 'policy', version: 'v1', kind: 'Eviction' };
  const resource = { group: '', version: 'v1', resource: 'pods' };
  const names = { name: metadata.name, namespace: metadata.namespace };
  const eviction = { kind, resource, subResource: 'eviction', requestKind: kind, requestResource: resource };
  const request = {
    ...{ uid, ...eviction, requestSubResource: 'eviction', ...names, operation: 'CREATE' },
    userInfo: { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
    object: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: names, deleteOptions: {} },
    oldObject: null,
    dryRun: false,
    options: { apiVersion: 'meta.k8s.io/v1', kind: 'CreateOptions' },
  };
  return { uid, body: JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request }) };
};

export const connectToWebhook = async (controller: PodView, connections: number): Promise<WebhookClient> => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, ca: await trustedCA(), servername: serverName });
  return {
    async evict(pod) {
      const { uid, body } = reviewOf(pod);
      const sentMs = monotonicMs();
      const asked = request({
        ...{ agent, host: controller.status.podIP, port: httpsPort, method: 'POST' },
        path: '/admission/eviction?timeout=3s',
        headers: {
          ...{ Host: serverName, 'X-Request-Id': uid },
          ...{ 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) },
        },
      }).end(body);
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      const answer = JSON.parse(await text(response)) as Review;
      const gotMs = monotonicMs();
      if (answer.response.uid !== uid) throw new Error('the answer belongs to another review');
      return { id: uid, allowed: answer.response.allowed, code: answer.response.status?.code, sentMs, gotMs };
    },
    close() {
      agent.destroy();
    },
  };
};
