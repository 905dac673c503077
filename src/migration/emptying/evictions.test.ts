import { describe, expect, it } from 'vitest';
import { now } from '../move-fixture.ts';
import { movablePod, ordinaryPod } from './emptying-fixture.ts';
import { afterAttempt, type Attempts, attemptsAmong, dueEvictions, nextLook } from './evictions.ts';
import type { Fate, Fated } from './fate.ts';

const fated = (name: string, fate: Fate, namespace = 'default'): Fated => ({
  pod: ordinaryPod(name, { metadata: { namespace } }),
  fate,
});
const leaving = (name: string, namespace?: string): Fated =>
  fated(name, { is: 'toBeEvicted', isOptedIn: false }, namespace);
const optedIn: Fated = { pod: movablePod('in'), fate: { is: 'toBeEvicted', isOptedIn: true } };
const moving = fated('moving', { is: 'moving' });
const staying = fated('staying', { is: 'staying', why: 'daemonSet' });
const ending = fated('ending', { is: 'ending' });
const ours = (name: string): Fated => leaving(name, 'transship-system');

const none: Attempts = new Map();
/** As if all had been seen long ago. */
const old = (all: readonly Fated[]): Attempts => attemptsAmong(all, none, now - 3_600_000);
const namesOf = (all: readonly Fated[], attempts = old(all), at = now): string[] =>
  dueEvictions(all, attempts, at).map(({ metadata }) => metadata.name);

describe('a pod that is to be evicted', () => {
  it.each<[string, Fated, number]>([
    ['is left for ten seconds: an eviction cannot be taken back', leaving('web'), 10_000],
    ['is left for thirty when it opted in, and may yet be moved', optedIn, 30_000],
  ])('%s', (_what, each, patience) => {
    const attempts = attemptsAmong([each], none, now);
    expect(namesOf([each], attempts, now + patience - 1)).toEqual([]);
    expect(namesOf([each], attempts, now + patience)).toHaveLength(1);
    expect(nextLook([each], attempts)).toBe(now + patience);
  });

  it('is left for as long again when it was not to be for a moment', () => {
    const before = attemptsAmong([leaving('web')], none, now);
    const between = attemptsAmong([fated('web', { is: 'moving' })], before, now + 5_000);
    expect([...between]).toEqual([]);
    expect(namesOf([leaving('web')], attemptsAmong([leaving('web')], between, now + 6_000), now + 15_999)).toEqual([]);
  });

  it('is tried again after a pause that doubles, and is at most half a minute', () => {
    const web = leaving('web');
    let attempts = old([web]);
    const pauses = Array.from({ length: 5 }, () => {
      attempts = afterAttempt(attempts, web.pod, now, 'no');
      return (nextLook([web], attempts) ?? 0) - now;
    });
    expect(pauses).toEqual([5_000, 10_000, 20_000, 30_000, 30_000]);
    expect(attemptsAmong([web], attempts, now).get('web')).toMatchObject({ refusal: 'no', count: 5 });
  });

  it('has its refusal forgotten when it was let go', () => {
    const web = leaving('web');
    const refused = afterAttempt(old([web]), web.pod, now, 'no');
    expect(afterAttempt(refused, web.pod, now).get('web')?.refusal).toBeUndefined();
  });
});

describe('of those that are due', () => {
  const many = Array.from({ length: 25 }, (_, index) => leaving(`web-${index}`));

  it.each<[string, Fated[], string[]]>([
    ['none is evicted that stays, moves or ends', [staying, moving, ending], []],
    ['others are, at the same time', [staying, moving, leaving('web'), ending], ['web']],
    ['ten go at once', many, many.slice(0, 10).map(({ pod }) => pod.metadata.name)],
    ["Transship's own wait while anything moves", [ours('a'), moving], []],
    ["Transship's own wait while anything is to be evicted", [ours('a'), leaving('web')], ['web']],
    ["Transship's own wait while anything ends", [ours('a'), ending], []],
    ["Transship's own go one after the other", [ours('a'), ours('b'), staying], ['a']],
    ["Transship's own wait for the one before", [ours('a'), fated('b', { is: 'ending' }, 'transship-system')], []],
  ])('%s', (_what, all, names) => {
    expect(namesOf(all)).toEqual(names);
  });
});

describe('a node is looked at again', () => {
  const kept = fated('kept', { is: 'kept', until: now + 7_000 });

  it.each<[string, Fated[], number | undefined]>([
    ['not by itself, when nothing is to be evicted', [moving, ending, staying], undefined],
    ['when a pod is kept no longer', [kept, moving], now + 7_000],
    ['when the first of them is due', [kept, leaving('web')], now - 3_590_000],
    ["not for Transship's own before it is their turn", [ours('a'), moving], undefined],
  ])('%s', (_what, all, at) => {
    expect(nextLook(all, old(all))).toBe(at);
  });
});
