import { X509Certificate } from 'node:crypto';
import { bundleOf, certificatesIn, renewalTime, usableCertificate } from './inspect.ts';
import { type Issued, issueAuthority } from './issue.ts';

/** The authority as it is kept. */
export interface Authority {
  readonly current: Issued;
  /** Trusted already, signing from a day after it was made. */
  readonly next?: Issued | undefined;
  /** Certificates that sign no more and are trusted until they end. */
  readonly retired: string;
}

/** Agents read what they trust once an hour; a day also lets one that was away come back. */
const announcedMs = 86_400_000;

/** Everything that is to be trusted, the one that signs first. */
export const trustOf = ({ current, next, retired }: Authority, now: number): string =>
  bundleOf([current.certPem, next?.certPem ?? '', retired], now);

/** Why this cannot sign for others, or undefined when it can. */
export const authorityFault = ({ certPem, keyPem }: Issued, now: number): string | undefined => {
  const [certificate] = certificatesIn(certPem);
  if (!certificate) return 'tls.crt holds no certificate';
  if (!certificate.ca) return 'its certificate is not that of an authority (CA:TRUE)';
  if (certificate.validToDate.getTime() <= now) return `its certificate has expired on ${certificate.validTo}`;
  return usableCertificate(certPem, keyPem, now) ? undefined : 'tls.key is not the key of its certificate';
};

/** Its time is over; nothing else need be wrong with it. */
export const hasExpired = ({ certPem }: Issued, now: number): boolean => {
  const [certificate] = certificatesIn(certPem);
  return certificate !== undefined && certificate.validToDate.getTime() <= now;
};

const promoted = ({ current, next, retired }: Authority, now: number): Authority | undefined => {
  if (!next || new X509Certificate(next.certPem).validFromDate.getTime() + announcedMs > now) return undefined;
  return { current: next, retired: bundleOf([current.certPem, retired], now) };
};

/**
 * The authority as it should be kept from now on; the same object when nothing
 * changes. A new one is announced before it signs, for a certificate is only
 * believed by those who have heard of its signer.
 */
export const rotated = async (authority: Authority | undefined, now: number): Promise<Authority> => {
  if (!authority || hasExpired(authority.current, now)) return { current: await issueAuthority(now), retired: '' };
  const promotion = promoted(authority, now);
  if (promotion) return promotion;
  if (authority.next || now < renewalTime(new X509Certificate(authority.current.certPem))) return authority;
  return { ...authority, next: await issueAuthority(now) };
};
