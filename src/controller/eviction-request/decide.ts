import { isEvicted, ourTurn } from '../../api/eviction.ts';
import { type Migration, phaseOf } from '../../api/migration.ts';
import { isCommitted, isFinished } from '../../api/phase.ts';
import { answerOf, type Move } from './answer.ts';
import type { ResponseFacts } from './facts.ts';
import { heartbeatDue, type Report, saidNow } from './report.ts';

export type ResponseStep =
  | ({ readonly do: 'move' } & Move)
  /** Writes what we say into an Eviction. */
  | ({ readonly do: 'report' } & Report)
  /** Takes back what an EvictionRequest had started. */
  | { readonly do: 'withdraw'; readonly migration: Migration };

export interface Response {
  readonly steps: readonly ResponseStep[];
  /** When to look again, if nothing happens before. */
  readonly lookAgainAt?: number;
}

const isOpen = (migration: Migration): boolean => {
  const phase = phaseOf(migration);
  return !isFinished(phase) && !isCommitted(phase) && migration.spec.cancel !== true;
};

/**
 * It is not our turn any more: nobody asks for the eviction now, or the next
 * responder acts. A pod that has gone is not missed: a move may take the object
 * away before it commits, and would have nothing to go back to.
 */
const withdrawalsOf = ({ standing, evictions, migrations }: ResponseFacts): ResponseStep[] => {
  if (!standing || evictions.some(isEvicted)) return [];
  return migrations
    .filter((migration) => migration.spec.trigger === 'EvictionRequest' && isOpen(migration))
    .map((migration) => ({ do: 'withdraw', migration }));
};

/**
 * While it is our turn: moves the pod, says that we are at it, and at the end
 * how it went. When it has ceased to be: takes back what has not committed.
 */
export const decideResponse = (facts: ResponseFacts): Response => {
  const turns = facts.evictions.flatMap((eviction) => {
    const before = ourTurn(eviction);
    return before ? [{ eviction, before }] : [];
  });
  if (turns.length === 0) return { steps: withdrawalsOf(facts) };
  const answer = answerOf(facts);
  if (!answer) return { steps: [] };
  const reports = turns.flatMap(({ eviction, before }): ResponseStep[] => {
    const said = saidNow(before, answer, facts.now);
    return said ? [{ do: 'report', eviction, said }] : [];
  });
  if (answer.is === 'done') return { steps: reports };
  const moves: ResponseStep[] = answer.move ? [{ do: 'move', ...answer.move }] : [];
  const due = turns.map(({ before }) => heartbeatDue(before, answer)).filter((at) => at > facts.now);
  return { steps: [...moves, ...reports], ...(due.length > 0 && { lookAgainAt: Math.min(...due) }) };
};
