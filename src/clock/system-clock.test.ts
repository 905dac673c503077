import { expect, it } from 'vitest';
import { systemClock } from './system-clock.ts';

it('counts the time that has passed in whole milliseconds, as timers want them', async () => {
  const before = systemClock.elapsed();
  await systemClock.sleep(20);
  const passed = systemClock.elapsed() - before;
  expect(Number.isInteger(passed)).toBe(true);
  expect(passed).toBeGreaterThanOrEqual(18);
  expect(() => AbortSignal.timeout(passed)).not.toThrow();
});
