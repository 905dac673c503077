import { isDecommissioned } from '../../api/closed-node.ts';
import { type Migration, phaseOf } from '../../api/migration.ts';
import { migrateAnnotation } from '../../api/names.ts';
import { isCommitted, isFinished } from '../../api/phase.ts';
import type { Pod } from '../../api/pod.ts';
import type { Reason } from '../../api/reasons.ts';
import { keptUntil } from '../policy/block.ts';
import { isMoveOf } from '../move-of.ts';
import { isWithdrawn } from '../taking-back/withdrawal.ts';
import { causeFor } from './causes.ts';
import { type EmptyingFacts, movablePolicy, type PodOnNode } from './facts.ts';
import { isTolerant } from './toleration.ts';

/** Why a pod stays where everything else goes. */
export type Stay = 'daemonSet' | 'static' | 'tolerant';

/** What is to become of a pod on a decommissioned node. */
export type Fate =
  | { readonly is: 'staying'; readonly why: Stay }
  /** It is the target of a move, which goes elsewhere or has committed. */
  | { readonly is: 'arriving' }
  /** A Migration takes it away, or is about to be made. */
  | { readonly is: 'moving' }
  /** It is being deleted, or has been moved and will be. */
  | { readonly is: 'ending' }
  /** Its move has failed, and its policy keeps it for a while. */
  | { readonly is: 'kept'; readonly until: number }
  | { readonly is: 'toBeEvicted'; readonly isOptedIn: boolean };

export interface Fated {
  readonly pod: Pod;
  readonly fate: Fate;
}

/** What the pod is decides it, whatever happens to it. */
const boundFate = ({ pod, findings }: PodOnNode): Fate | undefined => {
  const has = (reason: Reason): boolean => findings.some((finding) => finding.reason === reason);
  if (has('DaemonSetPod')) return { is: 'staying', why: 'daemonSet' };
  if (has('MirrorPod')) return { is: 'staying', why: 'static' };
  if (pod.metadata.deletionTimestamp !== undefined) return { is: 'ending' };
  return has('PodIsTarget') ? { is: 'arriving' } : undefined;
};

const isEndedInVain = (migration: Migration): boolean => isFinished(phaseOf(migration)) && !isWithdrawn(migration);

/** Its moves decide it, those that there are and the one that is due. */
const movedFate = (each: PodOnNode, moves: readonly Migration[], now: number): Fate | undefined => {
  if (moves.some((move) => !isFinished(phaseOf(move)))) return { is: 'moving' };
  if (moves.some((move) => isCommitted(phaseOf(move)))) return { is: 'ending' };
  if ('conflict' in each.policy || !causeFor(each.policy.spec, ['Decommission'])) return undefined;
  const ended = moves.filter(isEndedInVain);
  if (ended.length === 0) return movablePolicy(each) ? { is: 'moving' } : undefined;
  const { spec } = each.policy;
  const until = Math.max(...ended.map((move) => keptUntil(move, spec) ?? 0));
  return now < until ? { is: 'kept', until } : undefined;
};

const fateOf = (each: PodOnNode, { node, migrations }: EmptyingFacts, now: number): Fate => {
  const { pod } = each;
  const fate = boundFate(each) ?? movedFate(each, migrations.filter(isMoveOf(pod)), now);
  if (fate) return fate;
  if (isTolerant(pod, node)) return { is: 'staying', why: 'tolerant' };
  return { is: 'toBeEvicted', isOptedIn: pod.metadata.annotations?.[migrateAnnotation] === 'true' };
};

/** Of every pod, while the node is decommissioned; of none as soon as it is not. */
export const fatesOf = (facts: EmptyingFacts, now: number): readonly Fated[] =>
  isDecommissioned(facts.node) ? facts.pods.map((each) => ({ pod: each.pod, fate: fateOf(each, facts, now) })) : [];
