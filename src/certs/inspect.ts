import { createPrivateKey, X509Certificate } from 'node:crypto';

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM text, in order. What cannot be read is left out. */
export const certificatesIn = (pem: string): X509Certificate[] =>
  (pem.match(block) ?? []).flatMap((text) => {
    try {
      return [new X509Certificate(text)];
    } catch {
      return [];
    }
  });

/** A bundle without repetitions and without what has expired; the first come first. */
export const bundleOf = (pems: readonly string[], now: number): string => {
  const kept = new Map(certificatesIn(pems.join('\n')).map((certificate) => [certificate.fingerprint256, certificate]));
  return [...kept.values()]
    .filter((certificate) => certificate.validToDate.getTime() > now)
    .map((certificate) => certificate.toString())
    .join('');
};

/** When two thirds of a certificate's life are over: it is then renewed, and a third is left to notice if that fails. */
export const renewalTime = (certificate: X509Certificate): number => {
  const from = certificate.validFromDate.getTime();
  return from + ((certificate.validToDate.getTime() - from) * 2) / 3;
};

const holdsKey = (certificate: X509Certificate, keyPem: string): boolean => {
  try {
    return certificate.checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    return false;
  }
};

/** The first certificate of a PEM text, if it is valid now and the key belongs to it. */
export const usableCertificate = (certPem: string, keyPem: string, now: number): X509Certificate | undefined => {
  const [certificate] = certificatesIn(certPem);
  if (!certificate || certificate.validToDate.getTime() <= now) return undefined;
  return holdsKey(certificate, keyPem) ? certificate : undefined;
};

/** Was it signed by one of the bundle? */
export const isSignedBy = (certificate: X509Certificate, bundle: string): boolean =>
  certificatesIn(bundle).some(
    (authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey),
  );

/** The names that a certificate is for, as `DNS:a` and `IP Address:1.2.3.4`, sorted. */
export const namesOf = (certificate: X509Certificate): string[] =>
  (certificate.subjectAltName ?? '').split(', ').filter(Boolean).sort();
