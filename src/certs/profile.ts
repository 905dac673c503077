import { z } from 'zod';
import agent from '../../certs/agent.json' with { type: 'json' };
import authority from '../../certs/authority.json' with { type: 'json' };
import webhook from '../../certs/webhook.json' with { type: 'json' };

const profile = z.strictObject({
  $comment: z.string(),
  commonName: z.string().min(1),
  organization: z.string().min(1),
  lifetimeHours: z.number().positive(),
  isAuthority: z.boolean(),
  keyUsage: z.array(z.enum(['digitalSignature', 'keyEncipherment', 'keyCertSign', 'cRLSign'])),
  extendedKeyUsage: z.array(z.enum(['serverAuth', 'clientAuth'])),
  dnsNames: z.array(z.string()),
  addresses: z.array(z.string()),
});

/** Who a certificate names, what for and for how long; see certs/README.md. */
export type Profile = Readonly<z.infer<typeof profile>>;

export const authorityProfile: Profile = profile.parse(authority);
export const webhookProfile: Profile = profile.parse(webhook);
const agentTemplate: Profile = profile.parse(agent);

/** The agent's profile, for one node. */
export const agentProfile = (node: string, addresses: readonly string[]): Profile => ({
  ...agentTemplate,
  commonName: agentTemplate.commonName.replace('{node}', node),
  dnsNames: agentTemplate.dnsNames.map((name) => name.replace('{node}', node)),
  addresses: agentTemplate.addresses.flatMap((address) => (address === '{address}' ? addresses : [address])),
});

export const agentSignerName = 'transship.dev/agent';

/** The profile's usages, in the words of a CertificateSigningRequest. */
export const agentUsages: readonly string[] = ['digital signature', 'key encipherment', 'server auth', 'client auth'];

const [prefix = '', suffix = ''] = agentTemplate.commonName.split('{node}');

/** The node that an agent's common name stands for; undefined when it is none of an agent's. */
export const nodeNameIn = (commonName: string): string | undefined => {
  if (!commonName.startsWith(prefix) || !commonName.endsWith(suffix)) return undefined;
  const node = commonName.slice(prefix.length, commonName.length - suffix.length);
  return node === '' ? undefined : node;
};
