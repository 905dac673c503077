import { nodes } from '../../api/resource.ts';
import { keyOf } from '../../kube/lookup.ts';
import { optedIn } from '../assessment/assessment.ts';
import { nodeNamed } from '../cluster/named.ts';
import { exitCode } from '../exit-code.ts';
import { UserError } from '../failure.ts';
import { followEmptying } from '../follow/emptying.ts';
import { followMoves } from '../follow/moves.ts';
import { printSummary } from '../follow/summary.ts';
import { type Change, type ChangeOptions, printChanges } from '../output/changes.ts';
import { referenceTo } from '../output/objects.ts';
import { keyOfMove } from '../request/begin.ts';
import { type Departure, moveAway } from '../request/move-away.ts';
import { movesFrom } from '../request/moves-from.ts';
import { changeTaint } from '../request/taint.ts';
import { takeBack } from '../request/take-back.ts';
import type { Session } from '../session.ts';

export interface NodeOptions extends ChangeOptions {
  readonly decommission?: boolean | undefined;
  readonly recommission?: boolean | undefined;
  readonly cancel?: boolean | undefined;
  readonly wait?: boolean | undefined;
}

type Doing = (name: string, options: NodeOptions, session: Session) => Promise<number>;

const placeOf = ({ metadata: { namespace = 'default', name } }: Departure['pod']): string => `${namespace}/${name}`;

/** The worse of two answers: an error would have been thrown. */
const both = (one: number, other: number): number => (one === exitCode.done ? other : one);

const moveAll: Doing = async (name, options, session) => {
  const departures = await moveAway(name, options, session);
  const changes: Change[] = [];
  for (const { pod, outcome } of departures) {
    if ('stays' in outcome) session.terminal.err(`pod ${placeOf(pod)} stays: ${outcome.stays}`);
    else changes.push({ ...outcome, note: `pod ${placeOf(pod)}` });
  }
  if (departures.length === 0) session.terminal.err(`No pods found on node ${name}.`);
  await printChanges(changes, options, session.terminal);
  const hasLeftBehind = departures.some(({ pod, outcome }) => 'stays' in outcome && optedIn(pod));
  const code = hasLeftBehind ? exitCode.no : exitCode.done;
  if (options.wait !== true) return code;
  const moving = departures.filter(({ outcome }) => !('stays' in outcome)).map(({ pod }) => keyOfMove(pod));
  return both(code, printSummary(await followMoves(moving, session), session));
};

const decommission: Doing = async (name, options, session) => {
  await printChanges([await changeTaint(name, 'decommission', { options, session })], options, session.terminal);
  if (options.wait !== true) return exitCode.done;
  await followEmptying(name, session);
  session.terminal.out(`${referenceTo(nodes, name)} is empty`);
  return exitCode.done;
};

const recommission: Doing = async (name, options, session) => {
  await printChanges([await changeTaint(name, 'recommission', { options, session })], options, session.terminal);
  return exitCode.done;
};

const cancelAll: Doing = async (name, options, session) => {
  const moves = await movesFrom(name, session);
  const changes: Change[] = [];
  let code: number = exitCode.done;
  for (const move of moves) {
    try {
      changes.push(await takeBack(move, options, session));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      session.terminal.err(error.message);
      code = exitCode.no;
    }
  }
  if (moves.length === 0) session.terminal.err(`No move away from node ${name} is under way.`);
  await printChanges(changes, options, session.terminal);
  if (options.wait === true) await followMoves(moves.map(keyOf), session);
  return code;
};

const doingOf = ({ decommission: isToGo, recommission: isToReturn, cancel }: NodeOptions): Doing => {
  if (isToGo) return decommission;
  if (isToReturn) return recommission;
  return cancel ? cancelAll : moveAll;
};

/** Moves the pods of a node away, empties it for good, or takes either back. */
export const node = async (word: string, options: NodeOptions, session: Session): Promise<number> => {
  const { metadata } = await nodeNamed(word, session);
  return doingOf(options)(metadata.name, options, session);
};
