import { z } from 'zod';
import type { KubeObject } from '../api/metadata.ts';
import { metadata } from '../api/metadata.ts';
import type { Resource } from '../api/resource.ts';

/*
 * Kinds of Kubernetes that only the controller's and the agent's plumbing
 * touches, read as narrowly as they are used.
 */

const builtin = <T extends KubeObject>(
  place: string,
  kind: string,
  plural: string,
  schema: z.ZodType<T>,
): Resource<T> => {
  const [group = '', version = ''] = place.split('/');
  return { group, version, kind, plural, namespaced: true, schema };
};

const clusterWide = <T extends KubeObject>(resource: Resource<T>): Resource<T> => ({ ...resource, namespaced: false });

/** Of a namespace its labels are asked for, which policies select by. */
const namespace = z.object({ metadata });
export const namespaces: Resource<KubeObject> = clusterWide(builtin('/v1', 'Namespace', 'namespaces', namespace));

const serviceCIDR = z.object({ metadata, spec: z.object({ cidrs: z.array(z.string()).optional() }).optional() });
/** Ranges that Services have their addresses from; served since Kubernetes 1.33. */
export type ServiceCIDR = z.infer<typeof serviceCIDR>;
export const serviceCIDRs: Resource<ServiceCIDR> = clusterWide(
  builtin('networking.k8s.io/v1', 'ServiceCIDR', 'servicecidrs', serviceCIDR),
);

const lease = z.object({
  metadata,
  spec: z
    .object({
      holderIdentity: z.string().nullish(),
      leaseDurationSeconds: z.number().nullish(),
      acquireTime: z.string().nullish(),
      renewTime: z.string().nullish(),
      leaseTransitions: z.number().nullish(),
    })
    .optional(),
});
export type Lease = z.infer<typeof lease>;
export const leases: Resource<Lease> = builtin('coordination.k8s.io/v1', 'Lease', 'leases', lease);

const event = z.object({
  metadata,
  reason: z.string().optional(),
  note: z.string().optional(),
  type: z.string().optional(),
  regarding: z
    .object({ kind: z.string().optional(), name: z.string().optional(), uid: z.string().optional() })
    .optional(),
  series: z.object({ count: z.number(), lastObservedTime: z.string() }).nullish(),
});
export type KubeEvent = z.infer<typeof event>;
export const events: Resource<KubeEvent> = builtin('events.k8s.io/v1', 'Event', 'events', event);

const workload = z.object({
  metadata,
  spec: z.object({
    template: z.object({
      spec: z.object({ containers: z.array(z.object({ name: z.string(), image: z.string().optional() })) }),
    }),
  }),
});
/** What runs pods of a template, as far as we ask which image they run. */
export type Workload = z.infer<typeof workload>;
export const deployments: Resource<Workload> = builtin('apps/v1', 'Deployment', 'deployments', workload);
export const daemonSets: Resource<Workload> = builtin('apps/v1', 'DaemonSet', 'daemonsets', workload);

const secret = z.object({ metadata, type: z.string().optional(), data: z.record(z.string(), z.string()).optional() });
export type Secret = z.infer<typeof secret>;
export const secrets: Resource<Secret> = builtin('/v1', 'Secret', 'secrets', secret);

const configMap = z.object({ metadata, data: z.record(z.string(), z.string()).optional() });
export type ConfigMap = z.infer<typeof configMap>;
export const configMaps: Resource<ConfigMap> = builtin('/v1', 'ConfigMap', 'configmaps', configMap);

const webhookConfiguration = z.object({
  metadata,
  /** Loose: a merge patch replaces a list whole, so every field of every entry has to be written back. */
  webhooks: z
    .array(z.looseObject({ name: z.string(), clientConfig: z.looseObject({ caBundle: z.string().optional() }) }))
    .optional(),
});
export type WebhookConfiguration = z.infer<typeof webhookConfiguration>;
export const validatingWebhookConfigurations: Resource<WebhookConfiguration> = clusterWide(
  builtin(
    'admissionregistration.k8s.io/v1',
    'ValidatingWebhookConfiguration',
    'validatingwebhookconfigurations',
    webhookConfiguration,
  ),
);
export const mutatingWebhookConfigurations: Resource<WebhookConfiguration> = clusterWide(
  builtin(
    'admissionregistration.k8s.io/v1',
    'MutatingWebhookConfiguration',
    'mutatingwebhookconfigurations',
    webhookConfiguration,
  ),
);

const signingRequest = z.object({
  metadata,
  spec: z.object({
    /** The PEM of the request, in base64 once more. */
    request: z.string(),
    signerName: z.string(),
    usages: z.array(z.string()).optional(),
    expirationSeconds: z.number().optional(),
    username: z.string().optional(),
    extra: z.record(z.string(), z.array(z.string())).optional(),
  }),
  status: z
    .object({
      conditions: z
        .array(
          z.looseObject({
            type: z.string(),
            status: z.string().optional(),
            reason: z.string().optional(),
            message: z.string().optional(),
          }),
        )
        .optional(),
      certificate: z.string().optional(),
    })
    .optional(),
});
export type SigningRequest = z.infer<typeof signingRequest>;
export const signingRequests: Resource<SigningRequest> = clusterWide(
  builtin('certificates.k8s.io/v1', 'CertificateSigningRequest', 'certificatesigningrequests', signingRequest),
);
