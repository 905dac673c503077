import { systemNamespace } from '../../api/group.ts';
import type { KubeObject } from '../../api/metadata.ts';
import type { Resource } from '../../api/resource.ts';
import { trustConfigMap, trustKey } from '../../certs/agent-certificate.ts';
import {
  configMaps,
  mutatingWebhookConfigurations,
  validatingWebhookConfigurations,
  type WebhookConfiguration,
} from '../../kube/builtin-resources.ts';
import { found } from '../../kube/live.ts';
import { type CertificatePorts, webhookConfiguration } from './ports.ts';

/** Tells agents and the scheduler whom to believe. */
export const publishTrust = async (
  { api, log }: CertificatePorts,
  bundle: string,
  signal: AbortSignal,
): Promise<void> => {
  const key = { namespace: systemNamespace, name: trustConfigMap };
  const map = await found(api, configMaps, key, signal);
  if (map?.data?.[trustKey] === bundle) return;
  const data = { [trustKey]: bundle };
  if (map)
    await api.patch(configMaps, key, { metadata: { resourceVersion: map.metadata.resourceVersion }, data }, {}, signal);
  else await api.create(configMaps, systemNamespace, { metadata: { name: trustConfigMap }, data }, {}, signal);
  log.info({}, 'Published trusted authorities');
};

/** A configuration that is not installed is nothing to worry about: somebody wants no webhook of that kind. */
const tellOne = async <T extends WebhookConfiguration & KubeObject>(
  { api, log }: CertificatePorts,
  resource: Resource<T>,
  caBundle: string,
  signal: AbortSignal,
): Promise<void> => {
  const configuration = await found(api, resource, { name: webhookConfiguration }, signal);
  const old = configuration?.webhooks ?? [];
  if (!configuration || old.every((webhook) => webhook.clientConfig.caBundle === caBundle)) return;
  const webhooks = old.map((webhook) => ({ ...webhook, clientConfig: { ...webhook.clientConfig, caBundle } }));
  const patch = { metadata: { resourceVersion: configuration.metadata.resourceVersion }, webhooks };
  await api.patch(resource, { name: webhookConfiguration }, patch, {}, signal);
  log.info({ resource: resource.plural }, 'Wrote authorities into webhook configuration');
};

/** Tells the API server whom to believe when it asks our webhooks. */
export const tellApiServer = async (ports: CertificatePorts, bundle: string, signal: AbortSignal): Promise<void> => {
  const caBundle = Buffer.from(bundle).toString('base64');
  await tellOne(ports, validatingWebhookConfigurations, caBundle, signal);
  await tellOne(ports, mutatingWebhookConfigurations, caBundle, signal);
};
