import { type Migration, phaseOf } from '../../api/migration.ts';
import { isCommitted, type Phase } from '../../api/phase.ts';
import type { Act, Standing } from '../plan.ts';
import type { Verdict } from '../status.ts';
import { afterCommit, type TargetStep, targetWay, together, type UndoableTargetStep } from './plan.ts';

/** All that a target's agent decides from, about one target pod. */
export interface TargetFacts {
  /** The record as it was last read; `gone` when there is none any more, undefined before it could be read. */
  readonly record: Migration | 'gone' | undefined;
  /** UID of the target pod that this is about. */
  readonly podUID: string;
  /** Steps that have been done or begun. Of another process: all that may stand. */
  readonly done: ReadonlySet<TargetStep>;
  /** The source's agent said, on the connection that is open now, that the record has committed. */
  readonly isToldCommitted: boolean;
  readonly isConnected: boolean;
  /** This process has done the steps itself and can go on; false for what another process has left. */
  readonly isLive: boolean;
  readonly fault: Verdict | undefined;
  readonly isStopping: boolean;
}

export type TargetAct =
  | Act<TargetStep, UndoableTargetStep>
  /** Writes Lost: the record has committed to a target that does not exist any more. */
  | { readonly act: 'lose' }
  /** For the source, or for the record. */
  | { readonly act: 'wait' };

export interface TargetRules {
  readonly standing: (facts: TargetFacts) => Standing;
  /** Does only the record decide? From the moment in which the source may commit. */
  readonly isBound: (facts: TargetFacts) => boolean;
  readonly isOver: (facts: TargetFacts, standing: Standing) => boolean;
}

/** The phases in which the record may still commit to a target that it names. */
const open: ReadonlySet<Phase> = new Set(['Preparing', 'Arrived', 'Moving']);

const isAbout = (record: Migration, podUID: string): boolean => record.status?.target?.podUID === podUID;

export const targetRules: TargetRules = {
  standing: ({ record, podUID, isToldCommitted, done }) => {
    if (isToldCommitted) return 'committed';
    if (record === undefined) return 'unknown';
    // Removed by force. Without a promise nobody can have committed; with one, nobody will say so any more.
    if (record === 'gone') return done.has('promise') ? 'unknown' : 'closed';
    if (!isAbout(record, podUID)) return 'closed';
    if (isCommitted(phaseOf(record))) return 'committed';
    return open.has(phaseOf(record)) ? 'open' : 'closed';
  },
  isBound: ({ done }) => done.has('promise'),
  isOver: ({ fault, isLive, isStopping }, standing) =>
    standing === 'closed' || fault !== undefined || !isLive || isStopping,
};

const restarted: Verdict = {
  reason: 'AgentRestarted',
  message: 'the agent of the target node was restarted while the target waited there',
};
const stopping: Verdict = {
  reason: 'AgentStopping',
  message: 'the agent of the target node was told to stop before the pod had come',
};

const verdictOf = ({ fault, isLive }: TargetFacts): Verdict => {
  if (fault) return fault;
  return isLive ? stopping : restarted;
};

/** While the phase is Moving the source's agent owns the record, and learns of it by the end of the connection. */
const isOurs = ({ record }: TargetFacts): boolean =>
  record !== undefined && record !== 'gone' && ['Preparing', 'Arrived'].includes(phaseOf(record));

const backwards = (facts: TargetFacts, standing: Standing): TargetAct => {
  const step = targetWay.last(targetWay.steps, facts.done);
  if (step !== undefined) return { act: 'undo', step };
  if (standing === 'unknown') return { act: 'read' };
  return standing === 'open' && isOurs(facts) ? { act: 'close', verdict: verdictOf(facts) } : { act: 'over' };
};

/** Alone again: what a broken connection has left is taken back, and another one may come. */
const alone = (facts: TargetFacts): TargetAct => {
  const step = targetWay.last(together, facts.done);
  if (step !== undefined) return { act: 'undo', step };
  const next = targetWay.next(targetWay.steps, facts.done);
  return next.act === 'do' && together.includes(next.step) ? { act: 'wait' } : next;
};

const onwards = (facts: TargetFacts): TargetAct => {
  if (!facts.isConnected) return alone(facts);
  const next = targetWay.next(targetWay.steps, facts.done);
  return next.act === 'do' && afterCommit.includes(next.step) ? { act: 'wait' } : next;
};

const committed = (facts: TargetFacts): TargetAct => {
  if (facts.done.has('restore')) return targetWay.next(afterCommit, facts.done);
  const step = targetWay.last(targetWay.steps, facts.done);
  if (step !== undefined) return { act: 'undo', step };
  const { record } = facts;
  const isOpen = record !== undefined && record !== 'gone' && phaseOf(record) === 'Committed';
  return isOpen ? { act: 'lose' } : { act: 'over' };
};

/** What the agent of the target's node does next about one target. */
export const decideTarget = (facts: TargetFacts, rules: TargetRules = targetRules): TargetAct => {
  const standing = rules.standing(facts);
  if (standing === 'committed') return committed(facts);
  if (rules.isBound(facts) && standing !== 'closed') return standing === 'unknown' ? { act: 'read' } : { act: 'wait' };
  return rules.isOver(facts, standing) ? backwards(facts, standing) : onwards(facts);
};
