import { systemNamespace } from '../api/group.ts';
import { usableCertificate } from '../certs/inspect.ts';
import { secrets } from '../kube/builtin-resources.ts';
import { Reflector, type ReflectorOptions } from '../kube/reflector.ts';
import type { Secret } from '../kube/builtin-resources.ts';
import { webhookSecret } from './certificates/ports.ts';
import { textIn } from './certificates/secret-text.ts';

export interface ServingCertificate {
  readonly cert: string;
  readonly key: string;
}

/**
 * Watches the certificate that both replicas show. `onCertificate` is called
 * with the first and with every later one; what cannot be used is left alone,
 * so that a mistake in the Secret does not take the webhooks down.
 */
export const watchServingCertificate = (
  ports: Omit<ReflectorOptions<Secret>, 'resource' | 'selection'>,
  onCertificate: (certificate: ServingCertificate) => void,
): Reflector<Secret> => {
  const selection = { namespace: systemNamespace, fieldSelector: `metadata.name=${webhookSecret}` };
  const reflector = new Reflector({ ...ports, resource: secrets, selection });
  reflector.onChange((_key, secret) => {
    if (!secret) return;
    const cert = textIn(secret, 'tls.crt');
    const key = textIn(secret, 'tls.key');
    if (usableCertificate(cert, key, ports.clock.now())) onCertificate({ cert, key });
    else ports.log.error({ secret: webhookSecret }, 'Left unusable certificate alone');
  });
  return reflector;
};
