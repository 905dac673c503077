import { systemNamespace } from '../../api/group.ts';
import { type Authority, authorityFault, hasExpired, rotated } from '../../certs/rotation.ts';
import { type Secret, secrets } from '../../kube/builtin-resources.ts';
import { found } from '../../kube/live.ts';
import { authoritySecret, type CertificatePorts, rotationDisabled, rotationLabel } from './ports.ts';
import { dataOf, textIn } from './secret-text.ts';

const key = { namespace: systemNamespace, name: authoritySecret };

const read = (secret: Secret | undefined): Authority | undefined => {
  if (!secret) return undefined;
  const next = { certPem: textIn(secret, 'next.crt'), keyPem: textIn(secret, 'next.key') };
  return {
    current: { certPem: textIn(secret, 'tls.crt'), keyPem: textIn(secret, 'tls.key') },
    ...(next.certPem === '' ? {} : { next }),
    retired: textIn(secret, 'retired.crt'),
  };
};

const written = ({ current, next, retired }: Authority): Record<string, string | null> =>
  dataOf({
    'tls.crt': current.certPem,
    'tls.key': current.keyPem,
    'next.crt': next?.certPem,
    'next.key': next?.keyPem,
    'retired.crt': retired,
  });

/** A Secret that somebody has filled wrongly is his to correct: replacing it could lock out every agent. */
const refuse = (authority: Authority, now: number): void => {
  const fault = authorityFault(authority.current, now);
  if (fault !== undefined) throw new Error(`Secret ${systemNamespace}/${authoritySecret} cannot be used: ${fault}`);
};

const store = async (
  { api }: CertificatePorts,
  secret: Secret | undefined,
  authority: Authority,
  signal: AbortSignal,
): Promise<void> => {
  const data = written(authority);
  if (secret) {
    await api.patch(secrets, key, { metadata: { resourceVersion: secret.metadata.resourceVersion }, data }, {}, signal);
    return;
  }
  const present = Object.fromEntries(Object.entries(data).filter(([, text]) => text !== null));
  await api.create(
    secrets,
    systemNamespace,
    { metadata: { name: authoritySecret }, type: 'kubernetes.io/tls', data: present },
    {},
    signal,
  );
};

/** The authority of this cluster; made, announced and replaced when it is time. */
export const keepAuthority = async (ports: CertificatePorts, signal: AbortSignal): Promise<Authority> => {
  const now = ports.clock.now();
  const secret = await found(ports.api, secrets, key, signal);
  const authority = read(secret);
  const isForeign = secret?.metadata.labels?.[rotationLabel] === rotationDisabled;
  if (authority && (isForeign || !hasExpired(authority.current, now))) refuse(authority, now);
  const wanted = authority && isForeign ? authority : await rotated(authority, now);
  if (wanted !== authority) {
    await store(ports, secret, wanted, signal);
    ports.log.info({ announced: wanted.next !== undefined }, 'Rotated certificate authority');
  }
  return wanted;
};
