import forge from 'node-forge';
import { beforeAll, describe, expect, it } from 'vitest';
import { type SigningFacts, agentUser, checkAgentRequest } from './agent-request-check.ts';
import { createAgentRequest } from './agent-request.ts';
import { agentUsages } from './profile.ts';

let csrPem = '';
beforeAll(async () => {
  ({ csrPem } = await createAgentRequest('worker-1', '10.0.0.1'));
});

const facts = (changed: Partial<SigningFacts> = {}): SigningFacts => ({
  csrPem,
  usages: agentUsages,
  username: agentUser,
  boundNodes: ['worker-1'],
  addressesOf: (node) => (node === 'worker-1' ? ['10.0.0.1'] : []),
  ...changed,
});

const refusal = (changed: Partial<SigningFacts>): string => {
  const verdict = checkAgentRequest(facts(changed));
  return verdict.sign ? 'signed' : verdict.why;
};

describe('a request for the certificate of an agent', () => {
  it('is signed for the agent of that node', () => {
    expect(checkAgentRequest(facts())).toMatchObject({
      sign: true,
      profile: { commonName: 'transship-agent:worker-1', addresses: ['10.0.0.1'] },
    });
  });

  it.each<[string, Partial<SigningFacts>, string]>([
    [
      'comes from another account',
      { username: 'system:serviceaccount:default:thief' },
      'only system:serviceaccount:transship-system:transship-agent may ask',
    ],
    [
      'comes from the agent of another node',
      { boundNodes: ['worker-2'] },
      'bound to node worker-2, the request is for node worker-1',
    ],
    ['comes with a token that is bound to no node', { boundNodes: [] }, 'bound to node (none)'],
    [
      'names an address that the node does not have',
      { addressesOf: () => ['10.0.0.9'] },
      'node worker-1 does not have the address 10.0.0.1',
    ],
    ['asks for other usages', { usages: ['cert sign'] }, 'the usages must be'],
    ['is no request', { csrPem: 'hello' }, 'cannot be read'],
    ['is too long', { csrPem: 'x'.repeat(20_000) }, 'cannot be read'],
  ])('is refused when it %s', (_name, changed, why) => {
    expect(refusal(changed)).toContain(why);
  });

  it('is refused when its signature is not by its own key', () => {
    const der = Buffer.from(csrPem.replaceAll(/-----.*?-----|\s/g, ''), 'base64')
      .toString('latin1')
      .replace('agent:worker-1', 'agent:worker-2');
    const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${Buffer.from(der, 'latin1').toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
    expect(refusal({ csrPem: forged })).toContain('not signed by its own key');
  });

  it.each([
    ['nobody of ours', 'admin'],
    ['no node', 'transship-agent:'],
  ])('is refused when it names %s', (_name, commonName) => {
    const keys = forge.pki.rsa.generateKeyPair({ bits: 512 });
    const request = forge.pki.createCertificationRequest();
    request.publicKey = keys.publicKey;
    request.setSubject([{ name: 'commonName', value: commonName }]);
    request.sign(keys.privateKey, forge.md.sha256.create());
    expect(refusal({ csrPem: forge.pki.certificationRequestToPem(request) })).toBe(
      'the common name is not that of an agent',
    );
  });
});
