import { describe, expect, it } from 'vitest';
import type { Observation } from '../witness/collector.ts';
import { notSo, type Seen } from './result.ts';

const observation: Observation = {
  forks: [],
  frozenForMs: 300,
  longestGapMs: 310,
  connectionSurvived: true,
  connectionEnd: undefined,
  coldStarts: 0,
  missed: 0,
};

const seen = (
  changes: Partial<Omit<Seen, 'observation'>> & { readonly observed?: Partial<Observation> } = {},
): Seen => ({
  outcome: 'RolledBack',
  leftovers: [],
  tookMs: 4_000,
  ...changes,
  observation: { ...observation, ...changes.observed },
});

const rollback = {
  outcomes: ['RolledBack'],
  connectionSurvives: true,
  mayBeReplaced: false,
  mayBeHarmed: false,
} as const;
const loss = {
  outcomes: ['LostWithNode'],
  connectionSurvives: false,
  mayBeReplaced: false,
  mayBeHarmed: false,
} as const;

it('a run that is as the table expects has nothing to complain of', () => {
  expect(notSo(seen(), rollback)).toEqual([]);
  const gone = { connectionSurvived: false, connectionEnd: 'read ECONNRESET', longestGapMs: 9_000, coldStarts: 1 };
  expect(notSo(seen({ outcome: 'LostWithNode', observed: gone }), loss)).toEqual([]);
});

it('a program that may be harmed may lose its connections and be started anew, and may not run twice', () => {
  const observed = { connectionSurvived: false, connectionEnd: 'read ECONNRESET', longestGapMs: 9_000, coldStarts: 1 };
  expect(notSo(seen({ observed }), { ...rollback, mayBeHarmed: true })).toEqual([]);
  const forked = seen({ observed: { ...observed, forks: [{ at: 1, what: 'told 5 on n2' }] } });
  expect(notSo(forked, { ...rollback, mayBeHarmed: true })).toEqual(['it ran twice: told 5 on n2']);
});

it('a program that has not been harmed waits no longer in a rollback for that it might have been', () => {
  expect(notSo(seen({ observed: { longestGapMs: 1_000 } }), { ...rollback, mayBeHarmed: true })).toEqual([
    'a client waited for 1000 ms in a rollback',
  ]);
});

describe('complained of is', () => {
  it.each<[string, Seen, string]>([
    ['another outcome', seen({ outcome: 'Succeeded' }), 'the outcome is Succeeded instead of RolledBack'],
    ['no outcome at all', seen({ outcome: { contradiction: 'the record says Moving' } }), 'the record says Moving'],
    ['a fork', seen({ observed: { forks: [{ at: 1, what: 'told 5 on n2' }] } }), 'it ran twice: told 5 on n2'],
    [
      'a broken connection',
      seen({ observed: { connectionSurvived: false, connectionEnd: 'the pod closed it' } }),
      'the connection ended: the pod closed it',
    ],
    ['a long wait', seen({ observed: { longestGapMs: 1_000 } }), 'a client waited for 1000 ms in a rollback'],
    ['a cold start', seen({ observed: { coldStarts: 1 } }), 'the program was started anew'],
    ['a witness that looked away', seen({ observed: { missed: 3 } }), 'the witness missed 3 frames'],
    ['what is left', seen({ leftovers: ['n1: images/3f'] }), 'left over: n1: images/3f'],
  ])('%s', (_what, run, sentence) => {
    expect(notSo(run, rollback)).toEqual([sentence]);
  });
});
