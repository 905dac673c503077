import type { Migration } from '../api/migration.ts';
import { isOver } from '../migration/status.ts';
import { mayBeFrozen, type MoveStep, stepsOf } from './steps.ts';

/*
 * What is to be done for one sink about one move, decided from its record and
 * from how many of its steps the sink has taken.
 */

export type Turn =
  | { readonly do: 'send'; readonly step: MoveStep }
  /** Nothing is sent while the pod may be frozen; the record tells when that is over. */
  | { readonly do: 'hold' }
  | { readonly do: 'wait'; readonly afterMs: number }
  /** All of it is taken: written into the record, for whoever leads next. */
  | { readonly do: 'note'; readonly count: number }
  | { readonly do: 'nothing' };

/** The time of the freeze is written a moment after the move is said to be over. */
const longestForTimingsMs = 5_000;

const waitsForTimings = ({ status }: Migration, { phase, time }: MoveStep, now: number): number =>
  phase === 'Succeeded' && status?.timings?.freezeMs === undefined
    ? Math.max(0, (Date.parse(time) || 0) + longestForTimingsMs - now)
    : 0;

/** How many of its steps the sink is known to have taken, from the record. */
export const takenBefore = ({ status }: Migration, sink: string): number => status?.announced?.[sink] ?? 0;

/**
 * @param taken how many steps the sink has taken, as this process knows.
 *
 * The count is written only when the move is over. Before that every write of the
 * record could make the compare-and-swap of an agent fail, and that of the commit
 * happens inside the freeze; whoever takes over earlier sends once more.
 */
export const turnOf = (
  migration: Migration,
  sink: string,
  { taken, now }: { readonly taken: number; readonly now: number },
): Turn => {
  if (mayBeFrozen(migration)) return { do: 'hold' };
  const step = stepsOf(migration)[taken];
  if (step) {
    const afterMs = Math.min(longestForTimingsMs, waitsForTimings(migration, step, now));
    return afterMs > 0 ? { do: 'wait', afterMs } : { do: 'send', step };
  }
  return isOver(migration) && takenBefore(migration, sink) < taken ? { do: 'note', count: taken } : { do: 'nothing' };
};
