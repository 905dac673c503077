import { describe, expect, it } from 'vitest';
import { longestGap, Progress } from './gaps.ts';

describe('the longest gap of a window', () => {
  it.each<[string, readonly number[], number]>([
    ['with nothing in it is the window', [], 100],
    ['lies between two events', [10, 20, 80, 95], 60],
    ['lies before the first', [90, 95], 90],
    ['lies after the last', [5, 10], 90],
    ['does not care for events outside', [-50, 10, 20, 90, 170], 70],
  ])('%s', (_what, times, gap) => {
    expect(longestGap(times, 0, 100)).toBe(gap);
  });
});

describe('a segment', () => {
  const segment = (sequence: number, length: number, syn = false) => ({
    from: '10.245.0.2:4000',
    sequence,
    length,
    syn,
  });

  it('that is sent again brings nothing', () => {
    const progress = new Progress();
    expect(
      [segment(100, 32), segment(132, 32), segment(100, 32), segment(100, 64)].map((s) => progress.isNew(s)),
    ).toEqual([true, true, false, false]);
  });

  it('that is sent again with more brings that', () => {
    const progress = new Progress();
    progress.isNew(segment(100, 32));
    expect(progress.isNew(segment(100, 96))).toBe(true);
  });

  it('counts on past the end of its numbers', () => {
    const progress = new Progress();
    progress.isNew(segment(0xffff_fff0, 8));
    expect([segment(0xffff_fff8, 32), segment(0xffff_fff0, 8)].map((s) => progress.isNew(s))).toEqual([true, false]);
  });

  it('of a new connection from the same port begins anew', () => {
    const progress = new Progress();
    progress.isNew(segment(5_000, 32));
    expect([segment(99, 0, true), segment(100, 32)].map((s) => progress.isNew(s))).toEqual([false, true]);
  });
});
