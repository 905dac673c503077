import forge from 'node-forge';
import { alternativeNames } from './issue.ts';
import { newKeyPair } from './key-pair.ts';
import { agentProfile } from './profile.ts';
import { signingKey } from './signing-key.ts';

export interface AgentRequest {
  readonly keyPem: string;
  readonly csrPem: string;
}

/** An agent's request to be certified as that of its node. The key never leaves the agent. */
export const createAgentRequest = async (nodeName: string, address: string): Promise<AgentRequest> => {
  const { keyPem, publicKeyPem } = await newKeyPair();
  const profile = agentProfile(nodeName, [address]);
  const request = forge.pki.createCertificationRequest();
  request.publicKey = forge.pki.publicKeyFromPem(publicKeyPem);
  request.setSubject([
    { name: 'commonName', value: profile.commonName },
    { name: 'organizationName', value: profile.organization },
  ]);
  request.setAttributes([
    { name: 'extensionRequest', extensions: [{ name: 'subjectAltName', altNames: alternativeNames(profile) }] },
  ]);
  // Missing in the types of forge.
  const signed = request as typeof request & { readonly certificationRequestInfo: forge.asn1.Asn1 };
  const key = signingKey(keyPem, () => signed.certificationRequestInfo);
  request.sign(key, forge.md.sha256.create());
  return { keyPem, csrPem: forge.pki.certificationRequestToPem(request).replaceAll('\r', '') };
};
