import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../clock/fake-clock.ts';
import { migrationWith } from '../../migration/move-fixture.ts';
import { PhaseWatch } from './phase-watch.ts';

let clock: FakeClock;
let watch: PhaseWatch;

beforeEach(() => {
  clock = new FakeClock();
  watch = new PhaseWatch(clock);
});

const moving = migrationWith({ phase: 'Moving' });
const committed = migrationWith({ phase: 'Committed' });

describe('the time for which a phase has been seen', () => {
  it('begins when it is seen first', async () => {
    expect(watch.see(moving)).toBe(0);
    await clock.advance(5_000);
    expect(watch.see(moving)).toBe(5_000);
  });

  it('begins anew with the next phase', async () => {
    watch.see(moving);
    await clock.advance(5_000);
    expect(watch.see(committed)).toBe(0);
  });

  it('does not change when the time of day is set', async () => {
    watch.see(committed);
    await clock.advance(1_000);
    clock.set(clock.now() + 3_600_000);
    expect(watch.see(committed)).toBe(1_000);
  });

  it('is told besides for the removal of the source, whatever the phase', async () => {
    const removed = (phase: 'Preparing' | 'Moving') =>
      migrationWith({ phase, removal: { time: '2020-01-01T00:00:00Z', pod: '{}' } });
    expect(watch.seeRemoval(moving)).toBe(0);
    expect(watch.seeRemoval(removed('Preparing'))).toBe(0);
    await clock.advance(1_000);
    clock.set(clock.now() + 3_600_000);
    expect(watch.seeRemoval(removed('Moving'))).toBe(1_000);
    watch.forget(moving);
    expect(watch.seeRemoval(removed('Moving'))).toBe(0);
  });

  it('is forgotten with the move', async () => {
    watch.see(committed);
    await clock.advance(1_000);
    watch.forget(committed);
    expect(watch.see(committed)).toBe(0);
  });
});
