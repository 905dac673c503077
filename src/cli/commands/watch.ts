import { type Migration, phaseOf } from '../../api/migration.ts';
import { isFinished } from '../../api/phase.ts';
import { migrations } from '../../api/resource.ts';
import { keyOf, keyText } from '../../kube/lookup.ts';
import { migrationNamesIn } from '../cluster/named.ts';
import { exitCode } from '../exit-code.ts';
import { Interrupted, UserError } from '../failure.ts';
import { observe } from '../follow/observe.ts';
import { migrationTable, nothingFound } from '../output/migration-table.ts';
import type { Session } from '../session.ts';
import type { ScopeOptions } from '../usage/flags.ts';

export interface WatchOptions extends ScopeOptions {
  readonly untilFinished?: boolean | undefined;
}

/** On a terminal ages go on by the second. */
const everyMs = 1_000;

const steady = { wide: false, steady: true } as const;

type Show = (moves: readonly Migration[]) => void;

interface ShowOptions {
  readonly session: Session;
  readonly withNamespace: boolean;
}

/** What no person watches gets a line for each change, as from `kubectl get --watch`. */
const lineShower = ({ session, withNamespace }: ShowOptions): Show => {
  const { terminal, clock } = session;
  const told = new Map<string, string>();
  return (moves) => {
    const [header = '', ...lines] = migrationTable(moves, { ...steady, withNamespace, now: clock.now() });
    for (const [index, move] of moves.entries()) {
      const name = keyText(keyOf(move));
      if (told.get(name) === move.metadata.resourceVersion) continue;
      if (told.size === 0) terminal.out(header);
      told.set(name, move.metadata.resourceVersion);
      terminal.out(lines[index] ?? '');
    }
  };
};

const tableShower = ({ session, withNamespace }: ShowOptions): Show => {
  const { terminal, clock, namespace } = session;
  const screen = terminal.screens.out;
  if (!screen) return lineShower({ session, withNamespace });
  return (moves) => {
    const table = migrationTable(moves, { ...steady, withNamespace, now: clock.now() });
    screen.draw(moves.length === 0 ? [nothingFound(withNamespace ? undefined : namespace)] : table);
  };
};

/** The newest first: they are what a screen has room for. */
const inOrder = (moves: readonly Migration[]): readonly Migration[] =>
  moves.toSorted(
    (a, b) =>
      (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? '') ||
      a.metadata.name.localeCompare(b.metadata.name),
  );

const hasEnded = (move: Migration): boolean => isFinished(phaseOf(move));

const verdictOn = (moves: readonly Migration[]): number =>
  moves.every((move) => phaseOf(move) === 'Succeeded') ? exitCode.done : exitCode.no;

const follow = async (names: ReadonlySet<string>, options: WatchOptions, session: Session): Promise<number> => {
  const withNamespace = options.allNamespaces === true;
  const show = tableShower({ session, withNamespace });
  const selection = { namespace: withNamespace ? undefined : session.namespace, labelSelector: options.selector };
  for await (const all of observe(migrations, { selection, everyMs }, session)) {
    const moves = inOrder(names.size === 0 ? all : all.filter(({ metadata }) => names.has(metadata.name)));
    show(moves);
    if (options.untilFinished && moves.every(hasEnded)) return verdictOn(moves);
  }
  return exitCode.done;
};

/** Shows moves as they go on, until the person stops it. */
export const watch = async (words: readonly string[], options: WatchOptions, session: Session): Promise<number> => {
  if (words.length > 0 && options.allNamespaces)
    throw new UserError('a move is named within one namespace: give names, or -A, but not both');
  try {
    return await follow(new Set(migrationNamesIn(words)), options, session);
  } catch (error) {
    // To stop it is how it is ended: there is nothing to complain of.
    if (error instanceof Interrupted) return error.code;
    throw error;
  }
};
