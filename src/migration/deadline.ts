import { type Migration, phaseOf } from '../api/migration.ts';
import type { Phase } from '../api/phase.ts';
import type { Pod } from '../api/pod.ts';
import type { Facts } from './facts.ts';
import { hooksAreDone, lastHookEnd } from './hooks/due.ts';
import { isRemoved, longestKeptMs } from './namesake/removal.ts';
import { phaseSince, type Verdict } from './status.ts';
import { startTrouble } from './loss/target-loss.ts';

/**
 * How long each phase may last that waits for an agent or the scheduler. The
 * phases without a number end by the decision of the controller itself.
 */
const limits: Partial<Record<Phase, number>> = {
  Inspecting: 30_000,
  // An image may have to be pulled.
  Preparing: 120_000,
  Arrived: 30_000,
  // Files are copied in it while the source runs; the freeze has a limit of its own, kept by the source's agent.
  Moving: 120_000,
};

/** The time from which the next attempt may begin; 0 when it need not wait. */
export const notBeforeOf = ({ status }: Migration): number => Date.parse(status?.notBefore ?? '') || 0;

/** When the whole move is given up, by the time of day. */
export const deadlineOf = ({ metadata, spec }: Migration): number =>
  (Date.parse(metadata.creationTimestamp ?? '') || 0) + spec.deadlineSeconds * 1000;

/**
 * Has the whole move to be given up now? After the object of the source was removed only the time counts for which its
 * processes can be kept. To give up then is to lose the pod, which must not hang on a clock that somebody sets.
 */
export const isLate = ({ migration, removedForMs = 0 }: Facts, now: number): boolean =>
  isRemoved(migration) ? removedForMs >= longestKeptMs : now >= deadlineOf(migration);

/** In how many milliseconds that will be. */
export const leftMs = ({ migration, removedForMs = 0 }: Facts, now: number): number =>
  isRemoved(migration) ? longestKeptMs - removedForMs : deadlineOf(migration) - now;

/** When the scheduler found a node for the target; 0 when that is not known. */
const placedSince = ({ target }: Facts): number => {
  const placed = target?.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'True');
  return Date.parse(placed?.lastTransitionTime ?? '') || 0;
};

const isPlaceless = ({ migration, target }: Facts): boolean =>
  phaseOf(migration) === 'Preparing' && target !== undefined && !target.spec.nodeName;

/**
 * When the present phase has lasted too long; infinite for a phase that has no limit, and for a target without a node:
 * another pod may leave, or a node be added, as long as the whole move has time.
 */
export const phaseDeadlineOf = (facts: Facts): number => {
  const { migration } = facts;
  const limit = limits[phaseOf(migration)];
  // A hook has a timeout of its own, and is nobody else's slowness.
  if (limit === undefined || isPlaceless(facts) || !hooksAreDone(migration)) return Number.POSITIVE_INFINITY;
  const placed = phaseOf(migration) === 'Preparing' ? placedSince(facts) : 0;
  return Math.max(phaseSince(migration), notBeforeOf(migration), lastHookEnd(migration), placed) + limit;
};

/** The scheduler says for each node why the pod does not fit there; the user should not have to look for it. */
const schedulerSays = (target: Pod): string =>
  target.status?.conditions?.find((condition) => condition.type === 'PodScheduled' && condition.status === 'False')
    ?.message ?? 'the scheduler has not answered';

const unscheduled = (facts: Facts): Verdict | undefined =>
  facts.target && isPlaceless(facts) ? { reason: 'NoNodeFits', message: schedulerSays(facts.target) } : undefined;

/** Why the whole move is given up now. */
export const lateness = (facts: Facts): Verdict => {
  const { migration } = facts;
  const late = isRemoved(migration)
    ? `not committed within ${longestKeptMs / 1000} s of the removal of the pod's object`
    : `not committed within ${migration.spec.deadlineSeconds} s`;
  const placeless = unscheduled(facts);
  if (placeless) return { ...placeless, message: `${late}: ${placeless.message}` };
  const { reason, message = '' } = migration.status ?? {};
  const waited = reason === 'Waiting' ? `; last it waited because ${message}` : '';
  return { reason: 'DeadlineExceeded', message: `${late}, in phase ${phaseOf(migration)}${waited}` };
};

const targetSlowness = ({ migration, target }: Facts, seconds: number): Verdict => {
  const node = migration.status?.target?.nodeName ?? '';
  const said = target && startTrouble(target);
  const late = `the target pod did not reach the rendezvous on node ${node} within ${seconds} s`;
  return { reason: 'TargetNotReady', message: said === undefined ? late : `${late}: ${said}` };
};

/** Why the present attempt is taken back when its phase has lasted too long: whose turn it was, and what it says. */
export const slowness = (facts: Facts): Verdict => {
  const { migration } = facts;
  const phase = phaseOf(migration);
  const seconds = (limits[phase] ?? 0) / 1000;
  if (phase === 'Preparing') return targetSlowness(facts, seconds);
  const node = migration.status?.source?.nodeName ?? '';
  const message = `the agent of node ${node} did not end phase ${phase} within ${seconds} s`;
  return { reason: 'SourceAgentSilent', message };
};
