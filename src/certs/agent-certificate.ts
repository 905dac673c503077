import { randomBytes } from 'node:crypto';
import { systemNamespace } from '../api/group.ts';
import type { Clock } from '../clock/clock.ts';
import type { KubeApi } from '../kube/api.ts';
import { configMaps, type SigningRequest, signingRequests } from '../kube/builtin-resources.ts';
import { Backoff, type Random } from '../kube/backoff.ts';
import type { Log } from '../log/log.ts';
import { createAgentRequest } from './agent-request.ts';
import type { AgentIdentity } from './agent-tls.ts';
import { certificatesIn, isSignedBy, renewalTime, usableCertificate } from './inspect.ts';
import { agentSignerName, agentUsages } from './profile.ts';

export const trustConfigMap = 'transship-trust';
export const trustKey = 'ca.crt';

export interface CertificatePorts {
  readonly api: KubeApi;
  readonly clock: Clock;
  readonly nodeName: string;
  /** The node's address, at which the other agents reach this one. */
  readonly ip: string;
  readonly signal: AbortSignal;
}

export interface RenewalPorts extends CertificatePorts {
  readonly random: Random;
  readonly log: Log;
}

const askAgainMs = 1_000;
const mostAsks = 120;
const trustReadMs = 3_600_000;

/** The API server's CSR kind holds base64 of a PEM. */
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('utf8');

/** Object names are at most 253 characters; node names may be as long, so they are cut. */
const requestName = (nodeName: string): string =>
  `transship-agent-${nodeName.slice(0, 200)}-${randomBytes(5).toString('hex')}`;

const denialIn = ({ status }: SigningRequest): string | undefined => {
  const denied = status?.conditions?.find(({ type }) => type === 'Denied' || type === 'Failed');
  return denied && (denied.message ?? denied.reason ?? denied.type);
};

const waitForCertificate = async ({ api, clock, signal }: CertificatePorts, name: string): Promise<string> => {
  for (let asked = 0; asked < mostAsks; asked += 1) {
    const request = await api.get(signingRequests, { name }, signal);
    const denial = denialIn(request);
    if (denial !== undefined) throw new Error(`the certificate was refused: ${denial}`);
    if (request.status?.certificate) return fromBase64(request.status.certificate);
    await clock.sleep(askAgainMs, signal);
  }
  throw new Error(`no certificate after ${mostAsks} s: is a controller of Transship running?`);
};

const readTrust = async ({ api, signal }: CertificatePorts): Promise<string> => {
  const map = await api.get(configMaps, { namespace: systemNamespace, name: trustConfigMap }, signal);
  return map.data?.[trustKey] ?? '';
};

/** Asks once for a certificate of this agent: a new key, a request, and what the controller makes of it. */
export const obtainAgentCertificate = async (ports: CertificatePorts): Promise<AgentIdentity> => {
  const { api, clock, nodeName, ip, signal } = ports;
  const { keyPem, csrPem } = await createAgentRequest(nodeName, ip);
  const name = requestName(nodeName);
  const spec = { request: base64(csrPem), signerName: agentSignerName, usages: agentUsages };
  await api.create(signingRequests, undefined, { metadata: { name }, spec }, {}, signal);
  const certPem = await waitForCertificate(ports, name);
  const caPem = await readTrust(ports);
  const certificate = usableCertificate(certPem, keyPem, clock.now());
  if (!certificate) throw new Error('the certificate has expired already or is not for the key that was asked for');
  if (!isSignedBy(certificate, caPem))
    throw new Error(`the certificate was not signed by an authority of ConfigMap ${trustConfigMap}`);
  return { certPem, keyPem, caPem, notAfter: certificate.validToDate.getTime() };
};

/** Asks until it has a certificate, for as long as the signal lets it. */
export const obtainAgentCertificateSurely = async (ports: RenewalPorts): Promise<AgentIdentity> => {
  const backoff = new Backoff({ minMs: 500, maxMs: 15_000, random: ports.random });
  for (;;) {
    try {
      return await obtainAgentCertificate(ports);
    } catch (error) {
      ports.signal.throwIfAborted();
      ports.log.warn({ error }, 'Failed to obtain agent certificate, will retry');
      await ports.clock.sleep(backoff.next(), ports.signal);
    }
  }
};

const renewalOf = ({ certPem }: AgentIdentity): number => {
  const [certificate] = certificatesIn(certPem);
  return certificate ? renewalTime(certificate) : 0;
};

const next = async (ports: RenewalPorts, identity: AgentIdentity): Promise<AgentIdentity> => {
  if (ports.clock.now() >= renewalOf(identity)) return obtainAgentCertificateSurely(ports);
  const caPem = await readTrust(ports);
  return caPem === '' || caPem === identity.caPem ? identity : { ...identity, caPem };
};

/** The same identity when there is nothing new, or no way to know. */
const nextOrSame = async (ports: RenewalPorts, identity: AgentIdentity): Promise<AgentIdentity> => {
  try {
    const untilRenewal = Math.max(1_000, renewalOf(identity) - ports.clock.now());
    await ports.clock.sleep(Math.min(trustReadMs, untilRenewal), ports.signal);
    return await next(ports, identity);
  } catch (error) {
    if (!ports.signal.aborted) ports.log.warn({ error }, 'Failed to renew agent identity, will retry');
    return identity;
  }
};

/**
 * Keeps an identity fresh until the signal aborts: a new certificate at two
 * thirds of the old one's life, and the authorities as they change. Without an
 * API server the old identity is kept, and asked about again.
 */
export const keepAgentIdentity = async (
  ports: RenewalPorts,
  first: AgentIdentity,
  onRenewed: (identity: AgentIdentity) => void,
): Promise<void> => {
  let identity = first;
  while (!ports.signal.aborted) {
    const renewed = await nextOrSame(ports, identity);
    if (renewed === identity) continue;
    identity = renewed;
    ports.log.info({ notAfter: new Date(identity.notAfter).toISOString() }, 'Renewed agent identity');
    onRenewed(identity);
  }
};
