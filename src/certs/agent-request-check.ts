import forge from 'node-forge';
import { z } from 'zod';
import { agentProfile, agentUsages, nodeNameIn, type Profile } from './profile.ts';

/** Who asks, as the API server has authenticated it, and for what. */
export interface SigningFacts {
  readonly csrPem: string;
  readonly usages: readonly string[];
  readonly username: string;
  /** `authentication.kubernetes.io/node-name`: the node to which the requester's token is bound. */
  readonly boundNodes: readonly string[];
  /** The addresses that the Node object of that name has. */
  readonly addressesOf: (nodeName: string) => readonly string[];
}

export type SigningVerdict =
  | { readonly sign: true; readonly publicKeyPem: string; readonly profile: Profile }
  | { readonly sign: false; readonly why: string };

export const agentUser = 'system:serviceaccount:transship-system:transship-agent';

/** A request with a 2048-bit key is about 1 kB. */
const longestRequest = 16 * 1024;
const smallestKeyBits = 2048;

/** What forge makes of a request; its types know little of extensions. */
const extensionRequest = z.object({
  extensions: z.array(
    z.object({
      name: z.string().optional(),
      altNames: z.array(z.object({ type: z.number(), value: z.string(), ip: z.string().optional() })).optional(),
    }),
  ),
});

interface Read {
  readonly subject: ReadonlyMap<string, string>;
  readonly subjectLength: number;
  readonly dnsNames: readonly string[];
  readonly addresses: readonly string[];
  readonly others: number;
  readonly publicKey: forge.pki.rsa.PublicKey;
}

const read = (pem: string): Read | undefined => {
  if (pem.length > longestRequest) return undefined;
  try {
    const request = forge.pki.certificationRequestFromPem(pem);
    if (!request.verify()) return undefined;
    const asked: unknown = request.getAttribute({ name: 'extensionRequest' }) ?? { extensions: [] };
    const { extensions } = extensionRequest.parse(asked);
    const names = extensions.flatMap((extension) => extension.altNames ?? []);
    const attributes = request.subject.attributes;
    return {
      subject: new Map(attributes.map(({ name, value }) => [name ?? '', typeof value === 'string' ? value : ''])),
      subjectLength: attributes.length,
      dnsNames: names.filter(({ type }) => type === 2).map(({ value }) => value),
      addresses: names.filter(({ type }) => type === 7).map(({ ip }) => ip ?? ''),
      others:
        names.filter(({ type }) => type !== 2 && type !== 7).length +
        extensions.filter(({ name }) => name !== 'subjectAltName').length,
      publicKey: request.publicKey as forge.pki.rsa.PublicKey,
    };
  } catch {
    return undefined;
  }
};

const no = (why: string): SigningVerdict => ({ sign: false, why });

const same = (a: readonly string[], b: readonly string[]): boolean =>
  [...a].sort().join('\n') === [...b].sort().join('\n');

const fault = (request: Read, nodeName: string, facts: SigningFacts): string | undefined => {
  const profile = agentProfile(nodeName, request.addresses);
  const known = facts.addressesOf(nodeName);
  const strange = request.addresses.filter((address) => !known.includes(address));
  const conditions: readonly (readonly [boolean, string])[] = [
    [facts.username === agentUser, `only ${agentUser} may ask, not ${facts.username}`],
    [
      same(facts.boundNodes, [nodeName]),
      `the token of the requester is bound to node ${facts.boundNodes.join(', ') || '(none)'}, the request is for node ${nodeName}`,
    ],
    [
      request.subject.get('organizationName') === profile.organization && request.subjectLength === 2,
      `the subject must be O=${profile.organization}, CN=${profile.commonName}`,
    ],
    [same(request.dnsNames, profile.dnsNames), `the DNS names must be ${profile.dnsNames.join(', ')}`],
    [strange.length === 0, `node ${nodeName} does not have the address ${strange.join(', ')}`],
    [request.others === 0, 'no names or extensions other than DNS names and addresses may be asked for'],
    [same(facts.usages, agentUsages), `the usages must be ${agentUsages.join(', ')}`],
    [request.publicKey.n.bitLength() >= smallestKeyBits, `the key must have at least ${smallestKeyBits} bits`],
  ];
  return conditions.find(([holds]) => !holds)?.[1];
};

/** May this request be signed? The first thing that is wrong is said; whoever asks wrongly is no agent of ours. */
export const checkAgentRequest = (facts: SigningFacts): SigningVerdict => {
  const request = read(facts.csrPem);
  if (!request) return no('the request cannot be read, is too long, or is not signed by its own key');
  const nodeName = nodeNameIn(request.subject.get('commonName') ?? '');
  if (nodeName === undefined) return no('the common name is not that of an agent');
  const why = fault(request, nodeName, facts);
  if (why !== undefined) return no(why);
  return {
    sign: true,
    publicKeyPem: forge.pki.publicKeyToPem(request.publicKey),
    profile: agentProfile(nodeName, request.addresses),
  };
};
