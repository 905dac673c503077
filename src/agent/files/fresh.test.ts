import { expect, it } from 'vitest';
import { changeTimeIn, freshIn } from './fresh.ts';
import type { Entry, Survey } from './survey.ts';

const changedAt = (time: string): Entry => ({
  stamp: `1:2 ${time} 0 644 0:0 f`,
  kind: 'f',
  whiteout: false,
  opaque: false,
});

it('finds the files that were written within a tick or two of a look, and what lies in the future', () => {
  const survey: Survey = new Map([
    ['old', changedAt('1000.4700000000')],
    ['just now', changedAt('1000.4900000000')],
    ['by a clock that was set back since', changedAt('2000.0000000000')],
  ]);
  expect(changeTimeIn(survey.get('old')!)).toBe(1000.47);
  expect([...freshIn(survey, 1_000_500)]).toEqual(['just now', 'by a clock that was set back since']);
});
