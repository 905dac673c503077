import { attemptOf, type Migration, phaseOf } from '../../api/migration.ts';
import { isCommitted, isTakenBack } from '../../api/phase.ts';
import { askedBack } from '../taking-back/asked-back.ts';
import type { Act, Standing } from '../plan.ts';
import type { Verdict } from '../status.ts';
import { afterCommit, type SourceStep, sourceWay, type UndoableSourceStep } from './plan.ts';

/** All that a source's agent decides from, about one attempt. */
export interface SourceFacts {
  /** The record as it was last read; `gone` when there is none any more, undefined before it could be read. */
  readonly record: Migration | 'gone' | undefined;
  /** The attempt that this is about. */
  readonly attempt: number;
  /** Steps that have been done or begun. Of another process: all that may stand. */
  readonly done: ReadonlySet<SourceStep>;
  /** The commit may be under way to the API server, or be written there already. */
  readonly asked: boolean;
  /** This process has done the steps itself and can go on; false for what another process has left. */
  readonly isLive: boolean;
  readonly fault: Verdict | undefined;
  /** The agent was told to stop. */
  readonly isStopping: boolean;
}

export type SourceAct = Act<SourceStep, UndoableSourceStep>;

export interface SourceRules {
  readonly standing: (facts: SourceFacts) => Standing;
  /** May the source be let run? Not while a commit may be under way that nobody has seen the end of. */
  readonly mayUndo: (facts: SourceFacts, standing: Standing) => boolean;
  /** Must the attempt be taken back? */
  readonly isOver: (facts: SourceFacts, standing: Standing) => boolean;
}

export const sourceRules: SourceRules = {
  standing: ({ record, attempt, asked }) => {
    if (record === undefined) return 'unknown';
    // Removed by force while a commit was in doubt: the target may run, so the source must not.
    if (record === 'gone') return asked ? 'committed' : 'closed';
    const phase = phaseOf(record);
    if (isCommitted(phase)) return 'committed';
    if (attemptOf(record) !== attempt || isTakenBack(phase)) return 'closed';
    return phase === 'Arrived' || phase === 'Moving' ? 'open' : 'closed';
  },
  mayUndo: ({ asked }, standing) => !asked || standing === 'closed',
  isOver: ({ record, fault, isLive, isStopping, done }, standing) =>
    standing === 'closed' ||
    fault !== undefined ||
    !isLive ||
    (isStopping && !done.has('freeze')) ||
    (record !== undefined && record !== 'gone' && askedBack(record) !== undefined),
};

const restarted: Verdict = {
  reason: 'AgentRestarted',
  message: 'the agent of the source node was restarted while it moved the pod',
};
const stopping: Verdict = {
  reason: 'AgentStopping',
  message: 'the agent of the source node was told to stop before the pod was frozen',
};

const withdrawn: Verdict = { reason: 'CancelRequested', message: 'somebody asked for the move to be taken back' };

const verdictOf = ({ fault, isLive, isStopping }: SourceFacts): Verdict => {
  if (fault) return fault;
  if (!isLive) return restarted;
  return isStopping ? stopping : withdrawn;
};

/** Reads the record until it is known, or closes it while it is open. */
const settle = (facts: SourceFacts, standing: Standing): SourceAct =>
  standing === 'unknown' ? { act: 'read' } : { act: 'close', verdict: verdictOf(facts) };

/** A commit was sent and its end is not known: asks again, or, where there is no target to answer for any more, closes the record. */
const inDoubt = (facts: SourceFacts, standing: Standing): SourceAct =>
  facts.isLive && facts.done.has('hold') ? { act: 'do', step: 'ask' } : settle(facts, standing);

const backwards = (facts: SourceFacts, standing: Standing): SourceAct => {
  const step = sourceWay.last(sourceWay.steps, facts.done);
  if (step !== undefined) return { act: 'undo', step };
  return standing === 'closed' ? { act: 'over' } : settle(facts, standing);
};

/** What the agent of the source's node does next about one attempt. */
export const decideSource = (facts: SourceFacts, rules: SourceRules = sourceRules): SourceAct => {
  const standing = rules.standing(facts);
  if (standing === 'committed') return sourceWay.next(afterCommit, facts.done);
  if (!rules.mayUndo(facts, standing)) return inDoubt(facts, standing);
  return rules.isOver(facts, standing) ? backwards(facts, standing) : sourceWay.next(sourceWay.steps, facts.done);
};
