import { untouchedNamespaces } from '../../api/group.ts';
import type { Pod } from '../../api/pod.ts';
import { type Finding, sentenceOf } from '../../api/reasons.ts';
import { assess, optedIn } from '../assessment/assessment.ts';
import { podsIn } from '../cluster/pods.ts';
import { type ClusterView, viewCluster } from '../cluster/view.ts';
import { UserError } from '../failure.ts';
import type { Change } from '../output/changes.ts';
import type { Session } from '../session.ts';
import type { DryRunOptions } from '../usage/flags.ts';
import { beginMove, joinMove } from './begin.ts';

/** A pod of a node that is to move away, and what came of it. */
export interface Departure {
  readonly pod: Pod;
  /** The move of it, or why it stays. */
  readonly outcome: Change | { readonly stays: string };
}

const isUntouched = ({ metadata }: Pod): boolean => untouchedNamespaces.includes(metadata.namespace ?? '');

/** Every reason in one line; a pod that nobody wanted to move is spared the sentences. */
const reasonsText = (pod: Pod, findings: readonly Finding[]): string =>
  optedIn(pod) ? sentenceOf(findings) : findings.map(({ reason }) => reason).join(', ');

const objectionTo = (pod: Pod, view: ClusterView): string | undefined => {
  const { findings } = assess(pod, view);
  if (findings.length > 0) return reasonsText(pod, findings);
  return isUntouched(pod)
    ? `namespace ${pod.metadata.namespace ?? ''} is left alone; kubectl transship pod moves it all the same`
    : undefined;
};

const outcomeOf = async (
  pod: Pod,
  view: ClusterView,
  { options, session }: { readonly options: DryRunOptions; readonly session: Session },
): Promise<Departure['outcome']> => {
  const objection = objectionTo(pod, view);
  if (objection !== undefined && !optedIn(pod)) return { stays: objection };
  try {
    const existing = await joinMove(pod, undefined, session);
    if (existing) return existing;
    return objection === undefined ? await beginMove(pod, options, session) : { stays: objection };
  } catch (error) {
    if (error instanceof UserError) return { stays: error.message };
    throw error;
  }
};

/** Asks for the move of every pod of a node that opted in and can be moved, one after the other. */
export const moveAway = async (
  node: string,
  options: DryRunOptions,
  session: Session,
): Promise<readonly Departure[]> => {
  const [pods, view] = await Promise.all([podsIn({ node }, session), viewCluster(session)]);
  const departures: Departure[] = [];
  for (const pod of pods) departures.push({ pod, outcome: await outcomeOf(pod, view, { options, session }) });
  return departures;
};
