import { migrateAnnotation } from '../../api/names.ts';
import type { Node } from '../../api/pod.ts';
import { sentenceOf } from '../../api/reasons.ts';
import { isMoveOf } from '../move-of.ts';
import { type Cause, causeFor, causesOf } from './causes.ts';
import type { EmptyingFacts, PodOnNode } from './facts.ts';
import { fatesOf } from './fate.ts';
import { decideMoves } from './moves.ts';
import { staysText } from './progress.ts';
import { counted, listed, nameOf } from './wording.ts';

/*
 * What a person is told in the terminal who cordons or decommissions a node, in
 * the answer to that very request: which pods it will move, and which not.
 */

interface Circumstances {
  readonly before: Node;
  /** `node` is as it will be. */
  readonly facts: EmptyingFacts;
  readonly isDryRun: boolean;
  readonly now: number;
}

const mostNamed = 5;

const pods = (count: number): string => counted(count, 'pod', 'pods');

const starting = ({ facts, isDryRun }: Circumstances): string[] => {
  const names = decideMoves(facts).flatMap((step) => (step.do === 'move' ? [nameOf(step.pod)] : []));
  if (names.length === 0) return [];
  const verb = isDryRun ? 'would start' : names.length === 1 ? 'starts' : 'start';
  return [`${pods(names.length)} of node ${facts.node.metadata.name} ${verb} to move: ${listed(names, mostNamed)}`];
};

/** Does its owner count on its being moved, in vain? A pod that somebody moves already has no findings that matter. */
const isDisappointed =
  (cause: Cause, { migrations }: EmptyingFacts) =>
  ({ pod, policy, findings }: PodOnNode): boolean => {
    if (pod.metadata.annotations?.[migrateAnnotation] !== 'true' || findings.length === 0) return false;
    const isMeant = 'conflict' in policy || causeFor(policy.spec, [cause]) !== undefined;
    return isMeant && pod.metadata.deletionTimestamp === undefined && !migrations.some(isMoveOf(pod));
  };

const unmovable = (cause: Cause, { facts }: Circumstances): string[] =>
  facts.pods
    .filter(isDisappointed(cause, facts))
    .slice(0, mostNamed)
    .map(({ pod, findings }) => `${nameOf(pod)} opted in but cannot be moved: ${sentenceOf(findings)}`);

const evicting = ({ facts, isDryRun, now }: Circumstances): string[] => {
  const fated = fatesOf(facts, now);
  const count = fated.filter(({ fate }) => fate.is === 'toBeEvicted').length;
  if (count === 0) return [];
  const verb = isDryRun ? 'would be evicted' : count === 1 ? 'is evicted' : 'are evicted';
  const staying = staysText(fated);
  return [
    `${pods(count)} of node ${facts.node.metadata.name} ${verb} under disruption budgets${staying === undefined ? '' : `; ${staying}`}`,
  ];
};

/** What the change begins; nothing when it begins nothing, or concerns no pod that moves. */
export const announcementOf = (circumstances: Circumstances): readonly string[] => {
  const { before, facts } = circumstances;
  const known = causesOf(before);
  const [begun] = causesOf(facts.node).filter((cause) => !known.includes(cause));
  if (begun === undefined) return [];
  return [
    ...starting(circumstances),
    ...unmovable(begun, circumstances),
    ...(begun === 'Decommission' ? evicting(circumstances) : []),
  ];
};
