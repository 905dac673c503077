import { describe, expect, it } from 'vitest';
import { straysAmong, tablesIn } from './found-tables.ts';

describe('of the tables on a node,', () => {
  const found = tablesIn(
    [
      'table ip transship.10.244.1.5',
      'table ip transship.held.10.244.1.6',
      'table ip transship.away.10.244.1.7',
      'table ip kube-proxy',
      '',
    ].join('\n'),
  );
  const strays = (livingHere: readonly string[], underWay: readonly string[]) =>
    straysAmong(found, { livingHere: new Set(livingHere), underWay: new Set(underWay) }).map(({ kind }) => kind);

  it.each([
    ['those of pods that live here are kept', ['10.244.1.5'], ['10.244.1.6', '10.244.1.7'], []],
    ['those of moves under way are kept', [], ['10.244.1.5', '10.244.1.6', '10.244.1.7'], []],
    ['the others go', [], [], ['home', 'held', 'away']],
    ['what only a move needs goes when it is over', ['10.244.1.5', '10.244.1.6', '10.244.1.7'], [], ['held', 'away']],
  ])('%s', (_what, livingHere, underWay, kinds) => {
    expect(strays(livingHere, underWay)).toEqual(kinds);
  });
});
