import type { HookResult } from '../../api/hook.ts';
import { type Migration, phaseOf } from '../../api/migration.ts';
import { isCommitted, isFinished } from '../../api/phase.ts';
import type { Reason } from '../../api/reasons.ts';
import type { Facts } from '../facts.ts';
import { fail } from '../taking-back/interruption.ts';
import type { Verdict } from '../status.ts';
import type { Step } from '../step.ts';
import { callOf } from './call.ts';
import { type DueHook, dueHooks, resultOf } from './due.ts';
import { hookID, type HookReport } from './report.ts';

/** A run that is not over a moment after its timeout is looked after again, should nobody tell. */
const overdueMs = 1_000;

/** More than a move with ten retries has. What says that preMigration was run is always among them. */
const mostResults = 48;

const without = (migration: Migration, due: DueHook): readonly HookResult[] => {
  const result = resultOf(migration, due);
  return (migration.status?.hooks ?? []).filter((other) => other !== result);
};

const kept = (results: readonly HookResult[]): HookResult[] => {
  const first = results.filter(({ name }) => name === 'preMigration');
  const others = results.filter(({ name }) => name !== 'preMigration');
  return [...first, ...others.slice(-mostResults)];
};

const withResult = (migration: Migration, due: DueHook, fields: Omit<HookResult, 'name' | 'from' | 'attempt'>) =>
  kept([...without(migration, due), { name: due.hook.point, from: due.hook.from, attempt: due.attempt, ...fields }]);

const write = ({ metadata }: Migration, hooks: HookResult[]): Step => ({
  do: 'writeStatus',
  patch: { metadata: { resourceVersion: metadata.resourceVersion }, status: { hooks } },
});

/** How people know it: `the preFreeze hook of MigrationPolicy careful`. */
const hookText = ({ hook }: DueHook, { status }: Migration): string =>
  `the ${hook.point} hook of ${hook.from === 'Pod' ? 'the pod' : `MigrationPolicy ${status?.terms?.policy ?? ''}`}`;

const reasonOf = ({ hook }: DueHook): Reason => (hook.point === 'preMigration' ? 'HookVetoed' : 'HookFailed');

const tellFailure = ({ migration }: Facts, { reason, message }: Verdict): Step[] => {
  const { source } = migration.status ?? {};
  const pod = source && { name: migration.spec.podName, uid: source.podUID };
  return [{ do: 'tell', type: 'Warning', reason, message, pod }];
};

/** The attempt ends in the same write that says so of the hook. */
const withHooks = (steps: readonly Step[], hooks: HookResult[]): Step[] =>
  steps.map((step) =>
    step.do === 'writeStatus' ? { ...step, patch: { ...step.patch, status: { ...step.patch.status, hooks } } } : step,
  );

const end = (facts: Facts, due: DueHook, report: Extract<HookReport, { state: 'ended' }>, now: number): Step[] => {
  const { migration } = facts;
  const { failure, output, ms } = report;
  const startTime = resultOf(migration, due)?.startTime ?? new Date(now - ms).toISOString();
  const said = { startTime, ms, ...(output !== '' && { output }) };
  if (failure === undefined) return [write(migration, withResult(migration, due, { outcome: 'Succeeded', ...said }))];
  const hooks = withResult(migration, due, { outcome: 'Failed', ...said, message: failure });
  const verdict: Verdict = { reason: reasonOf(due), message: `${hookText(due, migration)} failed: ${failure}` };
  const phase = phaseOf(migration);
  const endsAttempt =
    due.hook.failurePolicy === 'Fail' && due.hook.point.startsWith('pre') && !isCommitted(phase) && !isFinished(phase);
  const steps = endsAttempt ? withHooks(fail(facts, now, verdict), hooks) : [write(migration, hooks)];
  return [...steps, ...tellFailure(facts, verdict)];
};

/** The freeze is timed by two clocks, and the time is written a moment after the move is said to be over. */
const longestForTimingsMs = 5_000;

const waitsForTimings = ({ migration, seenForMs }: Facts, { hook }: DueHook): boolean =>
  hook.point === 'postMigration' &&
  migration.status?.timings?.freezeMs === undefined &&
  seenForMs < longestForTimingsMs;

const begin = (facts: Facts, due: DueHook, now: number): Step[] => {
  const { migration } = facts;
  if (waitsForTimings(facts, due)) return [{ do: 'lookAgain', afterMs: longestForTimingsMs - facts.seenForMs }];
  const startTime = new Date(now).toISOString();
  if (!resultOf(migration, due))
    return [write(migration, withResult(migration, due, { outcome: 'Running', startTime }))];
  const call = callOf(due, facts);
  if ('obstacle' in call) return end(facts, due, { state: 'ended', failure: call.obstacle, output: '', ms: 0 }, now);
  const timeoutMs = due.hook.timeoutSeconds * 1000;
  return [
    { do: 'runHook', id: hookID(due), call, timeoutMs },
    { do: 'lookAgain', afterMs: timeoutMs + overdueMs },
  ];
};

/**
 * Runs the next hook that is due, or waits for it; undefined when none is. That it
 * is about to be run is written first and what came of it after, so each is run at
 * least once whoever leads, and a second time by whoever finds one that was begun.
 */
export const runDue = (facts: Facts, now: number): Step[] | undefined => {
  const [due] = dueHooks(facts.migration);
  if (!due) return undefined;
  const report = facts.hooks?.get(hookID(due));
  if (report?.state === 'ended') return end(facts, due, report, now);
  if (report === undefined) return begin(facts, due, now);
  return [{ do: 'lookAgain', afterMs: due.hook.timeoutSeconds * 1000 + overdueMs }];
};
