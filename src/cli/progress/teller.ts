import type { Migration } from '../../api/migration.ts';
import type { Terminal } from '../terminal.ts';
import { progressLine, sentenceOfMove } from './bar.ts';

/** Tells a person how moves go on. */
export interface Teller {
  tell(moves: readonly Migration[], waitedMs: number): void;
}

/** A line for every change, each with the name of its move where there are several. */
const lineTeller = (terminal: Terminal): Teller => {
  const told = new Map<string, string>();
  return {
    tell(moves, waitedMs) {
      for (const move of moves) {
        const { name } = move.metadata;
        const sentence = sentenceOfMove(move, waitedMs);
        if (told.get(name) === sentence) continue;
        told.set(name, sentence);
        terminal.err(moves.length > 1 ? `${name}: ${sentence}` : sentence);
      }
    },
  };
};

/** Bars on a terminal, lines for a file or a pipe. */
export const createTeller = (terminal: Terminal): Teller => {
  const screen = terminal.screens.err;
  if (!screen) return lineTeller(terminal);
  return {
    tell(moves, waitedMs) {
      screen.draw(moves.map((move) => progressLine(move, { waitedMs, withName: moves.length > 1 })));
    },
  };
};
