import { type Migration, phaseOf } from '../../api/migration.ts';
import { isFinished } from '../../api/phase.ts';
import { migrations } from '../../api/resource.ts';
import type { Key, Selection } from '../../kube/api.ts';
import { keyOf, keyText } from '../../kube/lookup.ts';
import { UserError } from '../failure.ts';
import { createTeller } from '../progress/teller.ts';
import type { Session } from '../session.ts';
import { observe } from './observe.ts';

const everyMs = 1_000;

/** A cache of the API server may lag behind the creation of what is followed. */
const longestUnseenMs = 30_000;

/** The source's agent writes the timings after the commit, so the controller may say before that the pod was moved. */
const longestWithoutTimingsMs = 3_000;

/** A whole namespace or cluster is watched only for several moves: to one, a user may have rights by its name. */
const selectionOf = (keys: readonly Key[]): Selection => {
  const [first, ...others] = keys;
  if (others.length === 0) return { namespace: first?.namespace, fieldSelector: `metadata.name=${first?.name ?? ''}` };
  return others.every(({ namespace }) => namespace === first?.namespace) ? { namespace: first?.namespace } : {};
};

const nameOf = (move: Migration): string => keyText(keyOf(move));

/** One that is gone, or that has not come for too long. */
const lostOf = (
  wanted: readonly string[],
  present: ReadonlySet<string>,
  { seen, waitedMs }: Sight,
): string | undefined => wanted.find((name) => !present.has(name) && (seen.has(name) || waitedMs >= longestUnseenMs));

interface Sight {
  /** Those that have been there. */
  readonly seen: ReadonlySet<string>;
  readonly waitedMs: number;
}

const isMeasured = (move: Migration): boolean =>
  phaseOf(move) !== 'Succeeded' || move.status?.timings?.freezeMs !== undefined;

/**
 * Tells each step of these moves until all have ended, and resolves to them as
 * they are then. Each ends by its own deadline, so this needs none.
 */
export const followMoves = async (keys: readonly Key[], session: Session): Promise<readonly Migration[]> => {
  if (keys.length === 0) return [];
  const teller = createTeller(session.terminal);
  const wanted = keys.map(keyText);
  const seen = new Set<string>();
  const began = session.clock.elapsed();
  let endedAt: number | undefined;
  for await (const known of observe(migrations, { selection: selectionOf(keys), everyMs }, session)) {
    const now = session.clock.elapsed();
    const moves = known.filter((move) => wanted.includes(nameOf(move)));
    const present = new Set(moves.map(nameOf));
    const lost = lostOf(wanted, present, { seen, waitedMs: now - began });
    if (lost !== undefined) throw new UserError(`Migration ${lost} was deleted while it was waited for`);
    for (const name of present) seen.add(name);
    teller.tell(moves, now - began);
    if (present.size < wanted.length || !moves.every((move) => isFinished(phaseOf(move)))) continue;
    endedAt ??= now;
    if (moves.every(isMeasured) || now - endedAt >= longestWithoutTimingsMs) return moves;
  }
  throw session.signal.reason;
};
