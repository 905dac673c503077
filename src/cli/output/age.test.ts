import { expect, it } from 'vitest';
import { ageText, durationText } from './age.ts';

const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000];

/** As `kubectl get` writes them. */
it.each([
  [-5 * second, '0s'],
  [0, '0s'],
  [119 * second, '119s'],
  [2 * minute, '2m'],
  [2 * minute + 5 * second, '2m5s'],
  [10 * minute + 59 * second, '10m'],
  [179 * minute, '179m'],
  [3 * hour, '3h'],
  [7 * hour + 59 * minute, '7h59m'],
  [47 * hour + 59 * minute, '47h'],
  [2 * day + hour, '2d1h'],
  [8 * day + 23 * hour, '8d'],
  [400 * day, '400d'],
])('%d ms are written as %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

it('is unknown of what has no time', () => {
  expect(ageText(undefined, 0)).toBe('<unknown>');
  expect(ageText('1970-01-01T00:00:00Z', 5 * second)).toBe('5s');
});
