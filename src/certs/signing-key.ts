import { sign } from 'node:crypto';
import forge from 'node-forge';

/**
 * A private key for `sign` of forge's certificates and requests that has OpenSSL
 * sign. forge's own arithmetic takes 25 ms, in which a webhook
 * answers nobody and an agent ends no freeze.
 * @param signed what the signature is of; it exists when the key is asked to sign.
 */
export const signingKey = (keyPem: string, signed: () => forge.asn1.Asn1): forge.pki.rsa.PrivateKey => {
  const key = {
    sign: () => sign('sha256', Buffer.from(forge.asn1.toDer(signed()).getBytes(), 'latin1'), keyPem).toString('latin1'),
  };
  // forge asks nothing else of it (lib/x509.js: cert.sign, csr.sign).
  return key as unknown as forge.pki.rsa.PrivateKey;
};
