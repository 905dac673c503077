import { X509Certificate } from 'node:crypto';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { nodeNameIn } from './profile.ts';

/** What an agent shows to the others, and whom it believes. */
export interface AgentIdentity {
  readonly certPem: string;
  readonly keyPem: string;
  readonly caPem: string;
  /** When the certificate ends, in milliseconds since 1970. */
  readonly notAfter: number;
}

type Shown = Pick<AgentIdentity, 'certPem' | 'keyPem' | 'caPem'>;

interface CommonTls {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
  readonly minVersion: 'TLSv1.3';
  readonly rejectUnauthorized: true;
}

/** An image is the memory of a program: nothing older than TLS 1.3, and no side goes unverified. */
const common = ({ certPem, keyPem, caPem }: Shown): CommonTls => ({
  cert: certPem,
  key: keyPem,
  ca: caPem,
  minVersion: 'TLSv1.3',
  rejectUnauthorized: true,
});

/** Options for `tls.createServer`: only peers with an agent's certificate get through the handshake. */
export const agentServerTls = (identity: Shown): CommonTls & { readonly requestCert: true } => ({
  ...common(identity),
  requestCert: true,
});

const commonName = (subject: string): string | undefined => /^CN=(.+)$/m.exec(subject)?.[1];

/** The node whose agent this certificate was given to. */
const nodeNameOf = (certificate: X509Certificate): string | undefined => {
  const name = commonName(certificate.subject);
  return name === undefined ? undefined : nodeNameIn(name);
};

class WrongPeer extends Error {
  override readonly name = 'WrongPeer';
  /** As the errors of node:tls have it, so that a name that does not match looks like one. */
  readonly code = 'ERR_TLS_CERT_ALTNAME_INVALID';
}

/** Options for `tls.connect`: the peer must be the agent of that very node, whatever address it was reached at. */
export const agentClientTls = (
  identity: Shown,
  expectedNodeName: string,
): CommonTls & { readonly checkServerIdentity: (host: string, certificate: PeerCertificate) => Error | undefined } => ({
  ...common(identity),
  checkServerIdentity: (_host, { raw }) => {
    const found = nodeNameOf(new X509Certificate(raw));
    if (found === expectedNodeName) return undefined;
    return new WrongPeer(
      `the certificate is that of ${found === undefined ? 'no agent' : `node ${found}`}, expected node ${expectedNodeName}`,
    );
  },
});

/** The node on whose behalf the verified peer speaks; empty when its certificate is no agent's. */
export const peerNodeName = (socket: TLSSocket): string => {
  const certificate = socket.getPeerX509Certificate();
  return (certificate && nodeNameOf(certificate)) ?? '';
};
