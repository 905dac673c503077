import type { AcceptedHook, HookPoint, HookResult } from '../../api/hook.ts';
import { attemptOf, type Migration, phaseOf } from '../../api/migration.ts';
import type { Phase } from '../../api/phase.ts';
import { isOfNamesakes } from '../namesake/kind.ts';
import { isRemoved } from '../namesake/removal.ts';
import { conditionOf, isOver } from '../status.ts';

/*
 * Which hooks have to be run now, from the record alone: the controller runs them,
 * and the agent of the source begins when there are none left.
 */

export interface DueHook {
  readonly hook: AcceptedHook;
  readonly attempt: number;
}

interface Occasion {
  readonly point: HookPoint;
  readonly attempt: number;
}

/** It is run once for the move, whatever the number of attempts. */
const beforeAll: Occasion = { point: 'preMigration', attempt: 1 };

const beforeFreeze = (migration: Migration): Occasion => ({ point: 'preFreeze', attempt: attemptOf(migration) });

/** After the last attempt that was taken back, if one was. */
const afterAttempt = ({ status }: Migration): Occasion[] => {
  const last = status?.attempts?.at(-1);
  return last === undefined ? [] : [{ point: 'onRollback', attempt: last.number }];
};

/** A move that ends between two attempts has none that could be rolled back a second time. */
const afterEnd = (migration: Migration): Occasion[] => {
  const phase = migration.status?.phaseTransitions?.at(-2)?.phase;
  if (phase === 'Retrying') return afterAttempt(migration);
  return [{ point: 'onRollback', attempt: attemptOf(migration) }];
};

const atEnd = (migration: Migration): Occasion[] => (isOver(migration) ? afterEnd(migration) : []);

/** The phases in which it is the controller's turn, or in which an agent waits for it. In none of them is anything frozen. */
const occasions: Partial<Record<Phase, (migration: Migration) => Occasion[]>> = {
  Inspecting: (migration) => (conditionOf(migration, 'Movable')?.status === 'True' ? [beforeAll] : []),
  // What keeps its name can be reached through the API server, and kept, only as long as its object is there.
  Preparing: (migration) => (isOfNamesakes(migration) ? [beforeFreeze(migration)] : []),
  Arrived: (migration) => [...afterAttempt(migration), ...(isOfNamesakes(migration) ? [] : [beforeFreeze(migration)])],
  Retrying: afterAttempt,
  Succeeded: (migration) => [{ point: 'postMigration', attempt: attemptOf(migration) }],
  Lost: atEnd,
  Failed: atEnd,
  Cancelled: atEnd,
};

/** Once the object of the source is removed, its processes are kept for a short time only: nothing waits until it is over. */
const isPressed = (migration: Migration): boolean => isRemoved(migration) && !isOver(migration);

export const resultOf = ({ status }: Migration, { hook, attempt }: DueHook): HookResult | undefined =>
  status?.hooks?.find(
    (result) => result.name === hook.point && result.from === hook.from && result.attempt === attempt,
  );

const isEnded = (result: HookResult | undefined): boolean => result !== undefined && result.outcome !== 'Running';

/** In the order in which they are run, one after the other. */
export const dueHooks = (migration: Migration): readonly DueHook[] => {
  const accepted = migration.status?.terms?.hooks ?? [];
  if (accepted.length === 0 || isPressed(migration)) return [];
  return (occasions[phaseOf(migration)]?.(migration) ?? [])
    .flatMap(({ point, attempt }) => accepted.filter((hook) => hook.point === point).map((hook) => ({ hook, attempt })))
    .filter((due) => !isEnded(resultOf(migration, due)));
};

/** May the agent of the source begin, as far as hooks are concerned? */
export const hooksAreDone = (migration: Migration): boolean => dueHooks(migration).length === 0;

/** When the last of its hooks ended, in milliseconds since 1970; 0 when none has. */
export const lastHookEnd = ({ status }: Migration): number =>
  Math.max(0, ...(status?.hooks ?? []).map(({ startTime, ms }) => (Date.parse(startTime) || 0) + (ms ?? 0)));
