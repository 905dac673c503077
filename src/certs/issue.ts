import { randomBytes } from 'node:crypto';
import forge from 'node-forge';
import { newKeyPair } from './key-pair.ts';
import { authorityProfile, type Profile } from './profile.ts';
import { signingKey } from './signing-key.ts';

export interface Issued {
  readonly certPem: string;
  readonly keyPem: string;
}

/** Clocks of nodes differ; a certificate that is not valid yet is refused. */
const skewMs = 5 * 60_000;
const hourMs = 3_600_000;

/**
 * X.509 wants serials to be positive and unique, and DER wants them short: a first byte from 0x40 to 0x7f needs no zero
 * before it, and is none that readers refuse as padding.
 */
export const serialOf = (random: Buffer): string => {
  const bytes = Buffer.from(random);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
};

const newSerial = (): string => serialOf(randomBytes(15));

const flags = (names: readonly string[]): Record<string, true> => Object.fromEntries(names.map((name) => [name, true]));

const subjectOf = ({ commonName, organization }: Profile): forge.pki.CertificateField[] => [
  { name: 'commonName', value: commonName },
  { name: 'organizationName', value: organization },
];

/** GeneralName types of RFC 5280: 2 is dNSName, 7 is iPAddress. */
export const alternativeNames = ({ dnsNames, addresses }: Profile): object[] => [
  ...dnsNames.map((value) => ({ type: 2, value })),
  ...addresses.map((ip) => ({ type: 7, ip })),
];

const extensionsOf = (profile: Profile, authority: forge.pki.Certificate | undefined): object[] => {
  const names = alternativeNames(profile);
  return [
    { name: 'basicConstraints', cA: profile.isAuthority, critical: true },
    { name: 'keyUsage', critical: true, ...flags(profile.keyUsage) },
    ...(profile.extendedKeyUsage.length > 0 ? [{ name: 'extKeyUsage', ...flags(profile.extendedKeyUsage) }] : []),
    ...(names.length > 0 ? [{ name: 'subjectAltName', altNames: names }] : []),
    { name: 'subjectKeyIdentifier' },
    // While two authorities of one name are trusted, only this says which of them has signed.
    ...(authority
      ? [{ name: 'authorityKeyIdentifier', keyIdentifier: authority.generateSubjectKeyIdentifier().getBytes() }]
      : []),
  ];
};

interface Order {
  readonly profile: Profile;
  readonly publicKeyPem: string;
  readonly now: number;
  readonly signer: { readonly keyPem: string; readonly certificate?: forge.pki.Certificate };
}

const build = ({ profile, publicKeyPem, now, signer }: Order): string => {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKeyPem);
  certificate.serialNumber = newSerial();
  certificate.validity.notBefore = new Date(now - skewMs);
  certificate.validity.notAfter = new Date(now + profile.lifetimeHours * hourMs);
  certificate.setSubject(subjectOf(profile));
  certificate.setIssuer(signer.certificate ? signer.certificate.subject.attributes : subjectOf(profile));
  certificate.setExtensions(extensionsOf(profile, signer.certificate));
  const key = signingKey(signer.keyPem, () => certificate.tbsCertificate);
  certificate.sign(key, forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate).replaceAll('\r', '');
};

/** A new authority, signed by itself. */
export const issueAuthority = async (now: number): Promise<Issued> => {
  const { keyPem, publicKeyPem } = await newKeyPair();
  return { keyPem, certPem: build({ profile: authorityProfile, publicKeyPem, now, signer: { keyPem } }) };
};

/** Signs a public key. */
export const issueFor = (publicKeyPem: string, profile: Profile, authority: Issued, now: number): string =>
  build({
    profile,
    publicKeyPem,
    now,
    signer: { keyPem: authority.keyPem, certificate: forge.pki.certificateFromPem(authority.certPem) },
  });

/** A certificate with a key of its own. */
export const issueLeaf = async (profile: Profile, authority: Issued, now: number): Promise<Issued> => {
  const { keyPem, publicKeyPem } = await newKeyPair();
  return { keyPem, certPem: issueFor(publicKeyPem, profile, authority, now) };
};
