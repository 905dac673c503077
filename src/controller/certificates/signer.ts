import type { Reason } from '../../api/reasons.ts';
import { checkAgentRequest, type SigningVerdict } from '../../certs/agent-request-check.ts';
import { issueFor } from '../../certs/issue.ts';
import { agentSignerName } from '../../certs/profile.ts';
import type { Authority } from '../../certs/rotation.ts';
import { type SigningRequest, signingRequests } from '../../kube/builtin-resources.ts';
import type { Outcome } from '../../kube/queue.ts';
import type { CertificatePorts } from './ports.ts';

/** The service account token's node, as the API server has put it into the request (KEP-4193). */
const nodeExtra = 'authentication.kubernetes.io/node-name';

/** A condition of ours; its reason is one of the registry. */
type Condition = NonNullable<NonNullable<SigningRequest['status']>['conditions']>[number] & { readonly reason: Reason };

const decided = ({ status }: SigningRequest, type: string): boolean =>
  status?.conditions?.some((condition) => condition.type === type) ?? false;

const isSettled = (request: SigningRequest): boolean =>
  Boolean(request.status?.certificate) || decided(request, 'Denied') || decided(request, 'Failed');

const verdictOn = ({ spec }: SigningRequest, { nodes }: CertificatePorts): SigningVerdict =>
  checkAgentRequest({
    csrPem: Buffer.from(spec.request, 'base64').toString('utf8'),
    usages: spec.usages ?? [],
    username: spec.username ?? '',
    boundNodes: spec.extra?.[nodeExtra] ?? [],
    addressesOf: (name) => (nodes.get({ name })?.status?.addresses ?? []).map(({ address }) => address),
  });

const decide = async (
  { api }: CertificatePorts,
  request: SigningRequest,
  condition: Condition,
  signal: AbortSignal,
): Promise<SigningRequest> => {
  const { name, resourceVersion } = request.metadata;
  const conditions = [...(request.status?.conditions ?? []), condition];
  return api.patch(
    signingRequests,
    { name },
    { metadata: { resourceVersion }, status: { conditions } },
    { subresource: 'approval' },
    signal,
  );
};

/**
 * Approves and signs what an agent asks for its own node, and denies everything
 * else that is addressed to our signer, each with its reason.
 */
export const settleRequest = async (
  request: SigningRequest,
  ports: CertificatePorts,
  authority: Authority,
  signal: AbortSignal,
): Promise<Outcome> => {
  if (request.spec.signerName !== agentSignerName || isSettled(request)) return undefined;
  const { name } = request.metadata;
  const verdict = verdictOn(request, ports);
  if (!verdict.sign) {
    ports.log.warn({ request: name, why: verdict.why }, 'Denied certificate request');
    await decide(
      ports,
      request,
      { type: 'Denied', status: 'True', reason: 'NotAnAgent', message: verdict.why },
      signal,
    );
    return undefined;
  }
  const approval: Condition = {
    type: 'Approved',
    status: 'True',
    reason: 'AgentOfItsNode',
    message: 'asked for by the agent of that very node',
  };
  const approved = decided(request, 'Approved') ? request : await decide(ports, request, approval, signal);
  const certificate = issueFor(verdict.publicKeyPem, verdict.profile, authority.current, ports.clock.now());
  const patch = {
    metadata: { resourceVersion: approved.metadata.resourceVersion },
    status: { certificate: Buffer.from(certificate).toString('base64') },
  };
  await ports.api.patch(signingRequests, { name }, patch, { subresource: 'status' }, signal);
  ports.log.info({ request: name, commonName: verdict.profile.commonName }, 'Signed agent certificate');
  return undefined;
};
