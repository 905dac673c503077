import { describe, expect, it } from 'vitest';
import type { Client } from './case.ts';
import { type Choice, chosenTurns } from './choice.ts';

const clientWith = (name: string, cases: readonly { does: string; inShort?: true }[]): Client => ({
  name,
  note: '',
  version: () => Promise.resolve(''),
  cases: cases.map((each) => ({ outcome: '', attempt: () => Promise.resolve({}), ...each })),
});

const clients = [
  clientWith('drain', [{ does: '--timeout' }, { does: '--force', inShort: true }]),
  clientWith('scaler', [{ does: 'asks by force', inShort: true }]),
];

describe('the cases to try', () => {
  it.each<[string, Choice, readonly number[]]>([
    ['are all of them', {}, [0, 1, 2]],
    ['are few in short, with the numbers that they have among all', { short: true }, [1, 2]],
    ['are those of one client', { words: 'drain' }, [0, 1]],
    ['are those that do something', { words: 'force' }, [1, 2]],
    ['are one', { words: 'drain --force' }, [1]],
    ['are none when there is none with these words', { words: 'eject' }, []],
  ])('%s', (_case, choice, numbers) => {
    expect(chosenTurns(clients, choice).map(({ number }) => number)).toEqual(numbers);
  });
});
