import { describe, expect, it } from 'vitest';
import { type Ending, outcomeOf } from './outcome.ts';

const move = { source: 'n1', target: 'n3', lastOn: 'n3', isTargetEnded: false };

describe('a move', () => {
  it.each<[string, Pick<Ending, 'phase' | 'runsOn'>, boolean]>([
    ['Succeeded', { phase: 'Succeeded', runsOn: 'n3' }, false],
    ['RolledBack', { phase: 'Failed', runsOn: 'n1' }, false],
    ['RolledBack', { phase: 'Cancelled', runsOn: 'n1' }, false],
    ['RolledBack', { phase: undefined, runsOn: 'n1' }, false],
    ['RolledBack', { phase: 'Failed', runsOn: undefined }, true],
    ['LostWithNode', { phase: 'Lost', runsOn: undefined }, false],
    ['LostWithNode', { phase: 'Failed', runsOn: undefined }, false],
  ])('ends as %s: %o', (outcome, ending, isSourceDeleted) => {
    expect(outcomeOf({ ...move, ...ending }, isSourceDeleted)).toBe(outcome);
  });
});

it('that had arrived before its node was gone has succeeded, and no other that is gone', () => {
  const gone = { ...move, phase: 'Succeeded', runsOn: undefined, isTargetEnded: true };
  expect(outcomeOf(gone, false)).toBe('Succeeded');
  expect(outcomeOf({ ...gone, lastOn: 'n1' }, false)).toHaveProperty('contradiction');
});

describe('there is no outcome when', () => {
  it.each<[string, Pick<Ending, 'phase' | 'runsOn'>]>([
    ['the record says Succeeded, and the program runs on no node', { phase: 'Succeeded', runsOn: undefined }],
    ['the record says Succeeded, and the program runs on n1', { phase: 'Succeeded', runsOn: 'n1' }],
    ['the record says Failed, and the program runs on n3', { phase: 'Failed', runsOn: 'n3' }],
    ['the record says Lost, and the program runs on n3', { phase: 'Lost', runsOn: 'n3' }],
    ['the record says Moving, and the program runs on n1', { phase: 'Moving', runsOn: 'n1' }],
    ['the record says Cancelled, and the program runs on no node', { phase: 'Cancelled', runsOn: undefined }],
    ['the Migration is gone, and the program runs on n3', { phase: undefined, runsOn: 'n3' }],
    ['the Migration is gone, and the program runs on no node', { phase: undefined, runsOn: undefined }],
  ])('%s', (sentence, ending) => {
    expect(outcomeOf({ ...move, ...ending }, false)).toEqual({ contradiction: sentence });
  });
});
