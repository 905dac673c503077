import { systemNamespace } from '../../api/group.ts';
import { isSignedBy, namesOf, renewalTime, usableCertificate } from '../../certs/inspect.ts';
import { issueLeaf } from '../../certs/issue.ts';
import { webhookProfile } from '../../certs/profile.ts';
import { type Authority, trustOf } from '../../certs/rotation.ts';
import { type Secret, secrets } from '../../kube/builtin-resources.ts';
import { found } from '../../kube/live.ts';
import { type CertificatePorts, rotationDisabled, rotationLabel, webhookSecret } from './ports.ts';
import { dataOf, textIn } from './secret-text.ts';

const key = { namespace: systemNamespace, name: webhookSecret };

const wantedNames = webhookProfile.dnsNames.map((name) => `DNS:${name}`).sort();

const isStillGood = (secret: Secret | undefined, authority: Authority, now: number): boolean => {
  const certificate = usableCertificate(textIn(secret, 'tls.crt'), textIn(secret, 'tls.key'), now);
  if (!certificate || renewalTime(certificate) <= now) return false;
  return namesOf(certificate).join() === wantedNames.join() && isSignedBy(certificate, authority.current.certPem);
};

/** Keeps the certificate that the webhooks show. Returns what the API server is to trust for it. */
export const keepWebhookCertificate = async (
  ports: CertificatePorts,
  authority: Authority,
  signal: AbortSignal,
): Promise<string> => {
  const { api, clock, log } = ports;
  const now = clock.now();
  const bundle = trustOf(authority, now);
  const secret = await found(api, secrets, key, signal);
  if (secret?.metadata.labels?.[rotationLabel] === rotationDisabled) return textIn(secret, 'ca.crt');
  if (isStillGood(secret, authority, now)) return bundle;
  const { certPem, keyPem } = await issueLeaf(webhookProfile, authority.current, now);
  const data = dataOf({ 'tls.crt': certPem, 'tls.key': keyPem, 'ca.crt': bundle });
  if (secret)
    await api.patch(secrets, key, { metadata: { resourceVersion: secret.metadata.resourceVersion }, data }, {}, signal);
  else
    await api.create(
      secrets,
      systemNamespace,
      { metadata: { name: webhookSecret }, type: 'kubernetes.io/tls', data },
      {},
      signal,
    );
  log.info({}, 'Issued webhook certificate');
  return bundle;
};
