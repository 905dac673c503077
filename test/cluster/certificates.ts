import { type AgentIdentity } from '../../src/certs/agent-tls.ts';
import { issueAuthority, issueLeaf, type Issued } from '../../src/certs/issue.ts';
import { agentProfile } from '../../src/certs/profile.ts';
import { getJson } from './kubectl.ts';

/** What somebody shows who speaks as an agent, rightly or not. */
export type Papers = Omit<AgentIdentity, 'notAfter'>;

const dayMs = 86_400_000;
const lifetimeMs = 8 * dayMs;

const decoded = (text = ''): string => Buffer.from(text, 'base64').toString('utf8');

/** The authority of the cluster, with its key: what no one but the controller should have. */
const clusterAuthority = async (): Promise<Issued> => {
  const { data } = await getJson<{ data: Record<string, string> }>('secret', 'transship-ca', '-n', 'transship-system');
  return { certPem: decoded(data['tls.crt']), keyPem: decoded(data['tls.key']) };
};

const papersOf = async (node: string, authority: Issued, now: number): Promise<Papers> => {
  const { certPem: caPem } = await clusterAuthority();
  return { ...(await issueLeaf(agentProfile(node, ['172.30.0.1']), authority, now)), caPem };
};

/** As the controller gives them to the agent of that node. */
export const genuinePapers = async (node: string): Promise<Papers> =>
  papersOf(node, await clusterAuthority(), Date.now());

export const expiredPapers = async (node: string): Promise<Papers> =>
  papersOf(node, await clusterAuthority(), Date.now() - lifetimeMs);

/** Of an authority that has the name of the cluster's. */
export const foreignPapers = async (node: string): Promise<Papers> =>
  papersOf(node, await issueAuthority(Date.now()), Date.now());
