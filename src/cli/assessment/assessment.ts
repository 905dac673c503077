import { migrateAnnotation } from '../../api/names.ts';
import type { MigrationNode } from '../../api/migration-node.ts';
import type { Pod } from '../../api/pod.ts';
import type { Finding } from '../../api/reasons.ts';
import { surroundingsFrom } from '../../controller/surroundings.ts';
import { lookupIn } from '../../kube/lookup.ts';
import { findingsOf, type Surroundings } from '../../migration/eligibility.ts';
import { refusalOf } from '../../migration/lost-connections.ts';
import { builtIn, type PolicyChoice } from '../../migration/policy/policy.ts';
import type { ClusterView } from '../cluster/view.ts';
import { estimateFreeze, type FreezeEstimate } from './freeze-estimate.ts';
import { type Place, placesFor, refusalsIn } from './places.ts';

/** All that can be said of a pod before it is moved, in the words of the Migration's conditions and events. */
export interface Assessment {
  readonly pod: Pod;
  /** What speaks against moving it at all. */
  readonly findings: readonly Finding[];
  /** Undefined where the user may not know. */
  readonly policy: PolicyChoice | undefined;
  /** Undefined where it is not known, or where the pod cannot be moved anyway. */
  readonly places: readonly Place[] | undefined;
  readonly freeze: FreezeEstimate | undefined;
  /** Peers of its connections that would end with the move, as far as its agent has told. */
  readonly lost: readonly string[];
}

/** What the user may not read does not speak against the move. */
const isKnown =
  ({ agents }: ClusterView) =>
  ({ reason }: Finding): boolean =>
    agents !== undefined || reason !== 'SourceNodeHasNoAgent';

/** What the user may not read is not looked for, and nothing is said of it. */
const surroundingsOf = (pod: Pod, { nodes, agents, migrations, claims, volumes }: ClusterView): Surroundings => {
  const around = surroundingsFrom({
    nodes: nodes ?? lookupIn([]),
    migrationNodes: agents ?? lookupIn([]),
    migrations,
    claims: claims ?? lookupIn([]),
    volumes: volumes ?? lookupIn([]),
  })(pod);
  return { places: nodes && agents && around.places, claims: claims && volumes && around.claims };
};

/** What the agent of its node has told last; it looks closer when the pod is to be moved. */
const lostOn = ({ status }: Pod, agent: MigrationNode | undefined): readonly string[] =>
  agent?.status?.masqueraded?.find(({ ip }) => ip === status?.podIP)?.peers ?? [];

const lossFindings = (
  { metadata }: Pod,
  lost: readonly string[],
  policy: PolicyChoice | undefined,
): readonly Finding[] => {
  const isRefused = policy && !('conflict' in policy) && policy.spec.lostConnections === 'Refuse';
  return isRefused && lost.length > 0 ? [refusalOf(`${metadata.namespace ?? 'default'}/${metadata.name}`, lost)] : [];
};

export const assess = (pod: Pod, view: ClusterView): Assessment => {
  const policy = view.policies?.of(pod);
  const sourceNode = view.agents?.get({ name: pod.spec.nodeName ?? '' });
  const facts = { pod, sourceNode, policy: policy ?? builtIn, now: view.now };
  const lost = lostOn(pod, sourceNode);
  const findings = [
    ...findingsOf({ ...facts, ...surroundingsOf(pod, view) }).filter(isKnown(view)),
    ...lossFindings(pod, lost, policy),
  ];
  const { spec } = policy === undefined || 'conflict' in policy ? builtIn : policy;
  const places = findings.length === 0 ? placesFor(pod, view, { maxInbound: spec.maxInboundPerNode }) : undefined;
  return { pod, findings, policy, places, freeze: estimateFreeze(pod, view.migrations.items()), lost };
};

export const fittingNodes = ({ places = [] }: Assessment): readonly string[] =>
  places.filter(({ against }) => against.length === 0).map(({ node }) => node);

/** What stands in the way of a pod that could be moved if there were a node for it. It may pass. */
const placelessness = (assessment: Assessment): Finding | undefined => {
  const { places } = assessment;
  if (!places || fittingNodes(assessment).length > 0) return undefined;
  const whys = [...refusalsIn(places)].map(([why, nodes]) => `${nodes.join(', ')}: ${why}`);
  return { reason: 'NoNodeFits', message: `No node can take the pod now: ${whys.join('; ') || 'there is no other'}` };
};

/** Everything that stands in the way now. */
export const obstaclesOf = (assessment: Assessment): readonly Finding[] => {
  const placeless = placelessness(assessment);
  return placeless ? [...assessment.findings, placeless] : assessment.findings;
};

export const optedIn = ({ metadata }: Pod): boolean => metadata.annotations?.[migrateAnnotation] === 'true';
