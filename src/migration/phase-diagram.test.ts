import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isCommitted, mayFollow, next, type Phase, phases } from '../api/phase.ts';

/*
 * The diagram at the top of phase.ts is what people read, the table below it is
 * what the code obeys: the same arrows stand in both.
 */

interface Arrow {
  readonly from: Phase;
  readonly to: Phase;
  readonly isDouble: boolean;
}

const phaseCalled = (word: string): Phase => {
  const found = phases.find((phase) => phase === word.trim());
  if (!found) throw new Error(`the diagram has an arrow at "${word}", which is no phase`);
  return found;
};

/** A place of a chain may name several phases. What stands after the last of them, behind two blanks, is a remark. */
const placeOf = (text: string): readonly Phase[] =>
  (text.trim().split(/ {2,}/)[0] ?? '').split(/,|\|/).map(phaseCalled);

/** `A ──▶ B, C ══▶ D` */
const arrowsIn = (line: string): readonly Arrow[] => {
  const parts = line.split(/(──▶|══▶)/);
  return parts.flatMap((arrow, i) =>
    arrow.endsWith('▶')
      ? placeOf(parts[i - 1] ?? '').flatMap((from) =>
          placeOf(parts[i + 1] ?? '').map((to) => ({ from, to, isDouble: arrow.startsWith('═') })),
        )
      : [],
  );
};

const source = readFileSync(new URL('../api/phase.ts', import.meta.url), 'utf8');
const arrows = source
  .slice(0, source.indexOf('*/'))
  .split('\n')
  .flatMap((line) => arrowsIn(line.replace(/^ \* ?/, '')));

describe('the diagram of the phases', () => {
  it.each(phases.flatMap((from) => next[from].map((to) => [from, to] as const)))('shows %s ──▶ %s', (from, to) => {
    expect(arrows.filter((arrow) => arrow.from === from && arrow.to === to)).toHaveLength(1);
  });

  it('shows no other arrow', () => {
    expect(arrows.filter(({ from, to }) => !mayFollow(from, to))).toEqual([]);
  });

  it('has a double arrow for the commit, and for nothing else', () => {
    const commits = arrows.filter(({ from, to }) => !isCommitted(from) && isCommitted(to));
    expect(commits).not.toEqual([]);
    expect(arrows.filter(({ isDouble }) => isDouble)).toEqual(commits);
  });
});
