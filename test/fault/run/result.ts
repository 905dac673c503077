import { nodeNamed, type Runtime } from '../../../lab/cluster.ts';
import type { Migration } from '../../../src/api/migration.ts';
import type { CheckedTrace } from '../../cluster/traces.ts';
import type { Observation } from '../witness/collector.ts';
import type { Expectation } from '../table/expected.ts';
import type { Outcome } from '../table/outcome.ts';
import type { Plan } from './plan.ts';

/** What one run has shown, as it stands in out/faults.json. */
export interface Result {
  readonly number: number;
  readonly step: string;
  readonly fault: string;
  readonly source: string;
  readonly target: string;
  readonly sourceRuntime: Runtime;
  readonly targetRuntime: Runtime;
  /** Missing when the run has none: then `notSo` says why. */
  readonly outcome?: Outcome;
  readonly expected: readonly Outcome[];
  /** Reason and message of the record at its end. */
  readonly reason: string;
  readonly message: string;
  /** Attempts that the move took, the last one included. */
  readonly attempts: number;
  readonly forked: number;
  readonly frozenForMs: number;
  readonly longestGapMs: number;
  readonly connectionSurvived: boolean;
  readonly coldStarts: number;
  readonly leftovers: readonly string[];
  readonly tookMs: number;
  /** What the trace of the move has not got: a process that is killed takes along what it has not written out. */
  readonly traceMissing: readonly string[];
  /** Sentences about everything that is not as the table expects; empty when all is. */
  readonly notSo: readonly string[];
}

/** A client of a pod that was not moved after all is to notice no more than this. */
const longestGapOfRollbackMs = 1_000;

export interface Seen {
  readonly outcome: Outcome | { readonly contradiction: string };
  readonly observation: Observation;
  readonly leftovers: readonly string[];
  readonly tookMs: number;
  /** Of a move whose record was deleted there is none. */
  readonly trace?: Pick<CheckedTrace, 'faults' | 'missing'> | undefined;
}

const aboutOutcome = (outcome: Seen['outcome'], { outcomes }: Expectation): readonly string[] => {
  if (typeof outcome !== 'string') return [outcome.contradiction];
  return outcomes.includes(outcome) ? [] : [`the outcome is ${outcome} instead of ${outcomes.join(' or ')}`];
};

const aboutConnection = (
  { outcome, observation: { connectionSurvived, connectionEnd, longestGapMs } }: Seen,
  { connectionSurvives, mayBeHarmed }: Expectation,
): readonly string[] => {
  // Where the table lets a program be lost, it is lost with its connection.
  if (!connectionSurvives || outcome === 'LostWithNode') return [];
  if (!connectionSurvived) return mayBeHarmed ? [] : [`the connection ended: ${connectionEnd ?? ''}`];
  return outcome === 'RolledBack' && longestGapMs >= longestGapOfRollbackMs
    ? [`a client waited for ${String(longestGapMs)} ms in a rollback`]
    : [];
};

/** Where the program may end, or has a place left beside it, another one is started. */
const isToBeTheSame = (
  outcome: Seen['outcome'],
  { connectionSurvives, mayBeReplaced, mayBeHarmed }: Expectation,
): boolean => connectionSurvives && !mayBeReplaced && !mayBeHarmed && outcome !== 'LostWithNode';

/** A sentence for everything that is not as it should be. */
export const notSo = (seen: Seen, expected: Expectation): readonly string[] => {
  const { outcome, observation, leftovers } = seen;
  const { forks, missed, coldStarts } = observation;
  return [
    ...aboutOutcome(outcome, expected),
    ...forks.slice(0, 1).map(({ what }) => `it ran twice: ${what}`),
    ...aboutConnection(seen, expected),
    ...(coldStarts > 0 && isToBeTheSame(outcome, expected) ? ['the program was started anew'] : []),
    ...(missed > 0 ? [`the witness missed ${String(missed)} frames`] : []),
    ...leftovers.map((each) => `left over: ${each}`),
    ...(seen.trace?.faults ?? []).map((each) => `its trace: ${each}`),
  ];
};

const ofPlan = ({ number, cell, source, target }: Plan) => ({
  ...{ number, step: cell.step, fault: cell.fault.name, source, target },
  sourceRuntime: nodeNamed(source).runtime,
  targetRuntime: nodeNamed(target).runtime,
  expected: cell.expected.outcomes,
});

const ofRecord = (record: Migration | undefined) => ({
  reason: record?.status?.reason ?? '',
  message: record?.status?.message ?? '',
  attempts: (record?.status as { attempt?: number } | undefined)?.attempt ?? 1,
});

/** What a run has shown. `record` is missing when it was deleted. */
export const resultOf = (plan: Plan, record: Migration | undefined, seen: Seen): Result => {
  const { outcome, observation, leftovers, tookMs } = seen;
  const { forks, frozenForMs, longestGapMs, connectionSurvived, coldStarts } = observation;
  return {
    ...ofPlan(plan),
    ...(typeof outcome === 'string' && { outcome }),
    ...ofRecord(record),
    ...{ forked: forks.length, frozenForMs, longestGapMs, connectionSurvived, coldStarts, leftovers, tookMs },
    traceMissing: seen.trace?.missing ?? [],
    notSo: notSo(seen, plan.cell.expected),
  };
};

/** A run that the harness could not carry out is a failure and not a skip. */
export const notCarriedOut = (plan: Plan, error: unknown, record: Migration | undefined, tookMs: number): Result => ({
  ...ofPlan(plan),
  ...ofRecord(record),
  ...{ attempts: 0, forked: 0, frozenForMs: 0, longestGapMs: 0 },
  ...{ connectionSurvived: false, coldStarts: 0, leftovers: [], traceMissing: [], tookMs },
  notSo: [`the run could not be carried out: ${error instanceof Error ? error.message : String(error)}`],
});
